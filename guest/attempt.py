"""Runs a submission on the input of one test. The entry "attempt" of a job, in a jail that has no home.

Standard input is a socket: whoever marks says there what to run, and is told there what came of it. Nothing that is
expected is ever said. All that is told may be forged by student code, which runs in this process: it is data that is
compared outside with what is not in here.
"""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import sys
import traceback
import types
from collections.abc import Iterator
from typing import IO, Any, NoReturn

from guest import script, value
from guest.channel import BYTES, Channel

PIPE_BYTES = 64 * 1024
FILE_MAX_BYTES = 256 * 1024
CALL = "<test>"
ANEW = "/tmp/.anew"  # noqa: S108
OUR_FOLDER = os.path.dirname(__file__)


def run(argv: list[str]) -> int:
    """`argv[0]` is the kind of test."""
    channel = Channel()
    work = channel.hear()
    if work is not None and "anew" in work:
        begin_anew(channel, argv, work["anew"], work["seed"])
    if work is None:
        return 0
    write_files(work["files"])
    give_input(work["stdin"].encode("utf-8", "surrogateescape"))
    return KINDS[argv[0]](channel, work)


def rehearse() -> None:
    """Spares rehearse a script; what is ours on top is little."""


def begin_anew(channel: Channel, argv: list[str], sources: dict[str, str], seed: str) -> NoReturn:
    """All else is heard by an interpreter that is not forked from a warm one: its sets have another order."""
    os.makedirs(f"{ANEW}/guest")
    for name, source in sources.items():
        with open(f"{ANEW}/guest/{name}", "w", encoding="utf-8") as file:
            file.write(source)
    os.dup2(channel.descriptor, 0)
    begin = f"import sys; sys.path.append({ANEW!r}); from guest import attempt; sys.exit(attempt.run(sys.argv[1:]))"
    environ = {**os.environ, "PYTHONHASHSEED": seed}
    os.execve(sys.executable, [sys.executable, "-c", begin, *argv], environ)  # noqa: S606


def write_files(files: dict[str, str]) -> None:
    for name, content in files.items():
        folder = os.path.dirname(name)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(content.encode(BYTES))


def give_input(content: bytes) -> None:
    """As standard input; through a pipe, where it fits into one."""
    if len(content) <= PIPE_BYTES:
        source, end = os.pipe()
        os.write(end, content)
        os.close(end)
    else:
        with open("/tmp/.input", "wb") as file:  # noqa: S108
            file.write(content)
        source = os.open("/tmp/.input", os.O_RDONLY)  # noqa: S108
        os.unlink("/tmp/.input")  # noqa: S108
    os.dup2(source, 0)
    os.close(source)


def run_program(channel: Channel, work: dict[str, Any]) -> int:
    """As `python3 main.py ARGUMENT...`; the program's exit status."""
    argv = [os.path.join(os.getcwd(), work["main"]), *work["arguments"]]
    if not work["written"]:
        channel.close()
        return script.run(argv)
    child = os.fork()
    if child == 0:
        channel.close()
        os._exit(script.run(argv))
    _, status = os.waitpid(child, 0)
    channel.tell({"files": dict(collected(work["written"]))})
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    return os.waitstatus_to_exitcode(status)


def collected(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        with contextlib.suppress(OSError):
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
            with open(descriptor, "rb") as file:
                yield name, file.read(FILE_MAX_BYTES).decode(BYTES)


def run_call(channel: Channel, work: dict[str, Any]) -> int:
    """What is printed while the file is imported is nobody's answer."""
    script.renew_streams()
    program = types.ModuleType(work["module"])
    path = os.path.join(os.getcwd(), work["main"])
    program.__file__ = path
    sys.argv, sys.path[:0] = [path], [os.getcwd()]
    script.let_files_hide_modules(os.getcwd())
    sys.modules[work["module"]] = program
    with open(work["main"], "rb") as file:
        source = file.read()
    try:
        with unheard():
            exec(script.compile_program(source, path), program.__dict__)
    except BaseException as error:
        channel.tell({"import": described(error)})
        return 0
    answer = result_of(work["code"], program.__dict__)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    channel.tell(answer)
    return 0


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def result_of(code: str, namespace: dict[str, Any]) -> dict[str, Any]:
    tree = ast.parse(code, CALL)
    expression = ast.parse(ast.unparse(tree.body.pop()), CALL, "eval")
    try:
        exec(compile(tree, CALL, "exec"), namespace)
        found = eval(compile(expression, CALL, "eval"), namespace)  # noqa: S307
    except BaseException as error:
        return {"raised": described(error)}
    try:
        return {"value": value.encode(found)}
    except value.TooLarge:
        return {"too large": True}
    except BaseException as error:
        return {"raised": described(error)}


def described(error: BaseException) -> dict[str, Any]:
    """Its name and those of what it is a kind of, what it says, and where it came from in the student's own lines."""
    kind = type(error)
    kinds = [value.name_of(one) for one in value.kinds_of(kind)]
    try:
        message = value.clean(str(error)[: value.REPR_MAX_CHARACTERS])
    except BaseException:
        message = ""
    try:
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename.startswith(OUR_FOLDER):
            frames = frames.tb_next
        lines = traceback.format_exception(kind, error.with_traceback(frames), frames, limit=-20)
        shown = value.clean("".join(lines)[-value.REPR_MAX_CHARACTERS :])
    except BaseException:
        shown = ""
    return {"kinds": kinds, "message": message, "traceback": shown}


def run_web(channel: Channel, work: dict[str, Any]) -> int:
    """Each message is a request, run as the site runs a page: the main file, its environment, a body."""
    while (step := channel.hear()) is not None:
        with open("/tmp/.output", "w+b") as output, open("/tmp/.errors", "w+b") as errors:  # noqa: S108
            os.unlink("/tmp/.output")  # noqa: S108
            os.unlink("/tmp/.errors")  # noqa: S108
            child = os.fork()
            if child == 0:
                channel.close()
                os._exit(answer_request(step, output.fileno(), errors.fileno()))
            _, status = os.waitpid(child, 0)
            told = {"exit": os.waitstatus_to_exitcode(status), "output": start_of(output), "errors": start_of(errors)}
        channel.tell(told)
    return 0


def answer_request(step: dict[str, Any], output: int, errors: int) -> int:
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.environ.update(step["environ"])
    give_input(step["body"].encode(BYTES))
    return script.run([os.path.join(os.getcwd(), step["main"])])


def start_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(FILE_MAX_BYTES).decode(BYTES)


KINDS = {"program": run_program, "call": run_call, "web": run_web}

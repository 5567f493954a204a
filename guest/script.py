"""Runs one Python file as `python3 FILE ARGUMENT...` would. The entry "script" of a job, in the jail.

argv is (FILE, ARGUMENT...), or ("-s", SETUP, FILE, ARGUMENT...) for a file that runs first, among the same names: what
a box of a tutorial builds on.
"""

from __future__ import annotations

import atexit
import gc
import importlib.machinery
import io
import itertools
import os
import sys
import threading
import types
import weakref
from collections.abc import Sequence

CANNOT_OPEN_STATUS = 2
FLUSH_FAILED_STATUS = 120  # as CPython: the program is done but its output could not be delivered
INTERRUPTED_STATUS = 130
WITH_SETUP = "-s"

# What every interpreter has imported before it reads a program, so that no file can stand in its place.
ALWAYS_THERE = {"abc", "codecs", "encodings", "genericpath", "importlib", "io", "os", "posixpath", "site", "stat"}


def run(argv: list[str]) -> int:
    """The program's exit status; its process has nothing left to do."""
    renew_streams()
    before = [argv[1]] if argv[0] == WITH_SETUP else []
    argv = argv[2 * len(before) :]
    sys.argv = list(argv)
    sys.orig_argv = [sys.executable, *argv]
    folder = os.path.dirname(os.path.realpath(argv[0]))
    sys.path.insert(0, folder)
    let_files_hide_modules(folder)
    inherited_count = len(sys.modules)
    return finish(execute(argv[0], before), inherited_count)


def let_files_hide_modules(folder: str) -> None:
    """A program's own random.py is what `import random` finds, as anywhere else, though we have the other at hand."""
    try:
        names = {entry.partition(".")[0] for entry in os.listdir(folder)}
    except OSError:
        return
    known = [name for name in names if name in sys.modules]  # not by intersection: that would touch every module's name
    for name in set(known).difference(ALWAYS_THERE, sys.builtin_module_names):
        for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
            del sys.modules[module]


def rehearse() -> None:
    """What comes before and after any program, done once with one of ours."""
    renew_streams()
    os.path.realpath("/home")
    perform(b"import os, sys\nprint('rehearsal', len(sys.argv))\n", "/home/rehearsal.py")
    sys.stdout.flush()
    gc.collect()


def renew_streams() -> None:
    """Streams that know what the descriptors are now. Lines leave as they are printed: a reader sees them come."""
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stdout = io.TextIOWrapper(
        open(1, "wb", closefd=False), encoding="utf-8", errors="surrogateescape", line_buffering=True
    )
    sys.stderr = io.TextIOWrapper(
        open(2, "wb", closefd=False), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    # Final to type checkers, but it is the interpreter we stand in for.
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def execute(path: str, before: Sequence[str] = ()) -> int:
    """The exit status. The files `before` run first."""
    sources: list[tuple[bytes, str]] = []
    for name in (*before, path):
        try:
            with io.open_code(name) as file:
                sources.append((file.read(), name))
        except OSError as error:
            print(f"python3: can't open file {name!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
            return CANNOT_OPEN_STATUS
    return perform(*sources[-1], sources[:-1])


def perform(source: bytes, path: str, before: Sequence[tuple[bytes, str]] = ()) -> int:
    """The exit status of this program text; of those `before`, where one of them fails."""
    program = types.ModuleType("__main__")
    program.__dict__.update(
        __file__=path,
        __builtins__=sys.modules["builtins"],
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
        __cached__=None,
        __annotations__={},
    )
    sys.modules["__main__"] = program
    try:
        codes = [compile_program(*one) for one in (*before, (source, path))]
    except Exception as error:
        return report(error.with_traceback(None))
    try:
        for code in codes:
            exec(code, program.__dict__)
    except BaseException as error:
        failure = error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
    else:
        return 0
    return report(failure)  # outside of the handler, or what a hook raises would be chained to it


def compile_program(source: bytes, path: str) -> types.CodeType:
    if b"\0" in source:
        line = source.partition(b"\0")[0].split(b"\n")
        text = line[-1].decode(errors="replace")
        raise SyntaxError("source code cannot contain null bytes", (path, len(line), None, text))
    return compile(source, path, "exec", dont_inherit=True)


def report(failure: BaseException) -> int:
    """Show the traceback, by the program's own hook if it has set one; the exit status."""
    if isinstance(failure, SystemExit):
        return status_of(failure)
    try:
        sys.excepthook(type(failure), failure, failure.__traceback__)
    except BaseException as error:
        second = error.with_traceback(error.__traceback__.tb_next if error.__traceback__ else None)
    else:
        return INTERRUPTED_STATUS if isinstance(failure, KeyboardInterrupt) else 1
    if isinstance(second, SystemExit):
        return status_of(second)
    print("Error in sys.excepthook:", file=sys.stderr)
    sys.__excepthook__(type(second), second, second.__traceback__)
    print("\nOriginal exception was:", file=sys.stderr)
    sys.__excepthook__(type(failure), failure, failure.__traceback__)
    return 1


def status_of(request: SystemExit) -> int:
    """What sys.exit() was asked for, as the interpreter reads it."""
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code & 0xFF if -sys.maxsize - 1 <= request.code <= sys.maxsize else 0xFF
    print(request.code, file=sys.stderr)
    return 1


def finish(status: int, inherited_count: int) -> int:
    """What the interpreter does at its end, without the milliseconds it spends on modules nobody will use again.

    Threads are waited for, exit functions run, output is delivered, and the program's own modules are let go, so that
    files it never closed are written.
    """
    wait_for_threads()
    atexit._run_exitfuncs()
    is_delivered = deliver_output()
    let_go_of_modules(inherited_count)
    return status if deliver_output() and is_delivered else FLUSH_FAILED_STATUS


def wait_for_threads() -> None:
    """Until Ctrl-C, which Python answers as follows."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
    except KeyboardInterrupt as error:
        print(f"Exception ignored in: {threading!r}", file=sys.stderr)
        sys.__excepthook__(type(error), error.with_traceback(None), None)


def deliver_output() -> bool:
    is_delivered = True
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except Exception as error:
            is_delivered = False
            if name == "stdout":
                print(f"Exception ignored in: {stream!r}", file=sys.stderr)
                sys.__excepthook__(type(error), error.with_traceback(None), None)
            setattr(sys, name, None)
    return is_delivered


def let_go_of_modules(inherited_count: int) -> None:
    """First by forgetting them, so that what nobody holds ends in good order; then by emptying those that live on.

    The collection before, as in CPython, orders objects by who holds whom: else a file held in a cycle would be closed
    before the layer above it could hand it what it still has.
    """
    gc.collect()
    imported = itertools.islice(reversed(sys.modules.items()), max(0, len(sys.modules) - inherited_count))
    names = ["__main__", *(name for name, module in imported if is_students(module))]
    survivors = [
        weakref.ref(sys.modules.pop(name)) for name in names if isinstance(sys.modules.get(name), types.ModuleType)
    ]
    gc.collect()
    for survivor in survivors:
        module = survivor()
        if module is not None:
            module.__dict__.update(dict.fromkeys(name for name in module.__dict__ if name != "__builtins__"))
    gc.collect()


def is_students(module: object) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.startswith("/home/")

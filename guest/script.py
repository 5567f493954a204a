"""Runs one Python file as `python3 FILE ARGUMENT...` would. The entry "script" of a job, in the jail."""

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

CANNOT_OPEN_STATUS = 2
FLUSH_FAILED_STATUS = 120  # as CPython: the program is done but its output could not be delivered
INTERRUPTED_STATUS = 130


def run(argv: list[str]) -> int:
    """The program's exit status; its process has nothing left to do."""
    renew_streams()
    inherited_count = len(sys.modules)
    sys.argv = list(argv)
    sys.orig_argv = [sys.executable, *argv]
    sys.path.insert(0, os.path.dirname(os.path.realpath(argv[0])))
    return finish(execute(argv[0]), inherited_count)


def rehearse() -> None:
    """Walk the path of a run while nobody waits, so that memory a run will write to is already our own copy."""
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


def execute(path: str) -> int:
    """The exit status."""
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        print(f"python3: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        return CANNOT_OPEN_STATUS
    return perform(source, path)


def perform(source: bytes, path: str) -> int:
    """The exit status of this program text."""
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
        exec(compile(source, path, "exec", dont_inherit=True), program.__dict__)
    except SystemExit as request:
        return status_of(request)
    except BaseException as error:
        show(error)
        return INTERRUPTED_STATUS if isinstance(error, KeyboardInterrupt) else 1
    return 0


def show(error: BaseException) -> None:
    """The traceback, without the frames that are ours, by the program's own hook if it has set one."""
    error.__traceback__ = error.__traceback__.tb_next if error.__traceback__ else None
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except BaseException as second:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(second), second, second.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)


def status_of(request: SystemExit) -> int:
    """What sys.exit() was asked for, as the interpreter reads it."""
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code & 0xFF
    print(request.code, file=sys.stderr)
    return 1


def finish(status: int, inherited_count: int) -> int:
    """What the interpreter does at its end, without the milliseconds it spends on modules nobody will use again.

    Threads are waited for, exit functions run, and what the program's own modules still hold is let go, so that
    files it never closed are written.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    imported = list(itertools.islice(reversed(sys.modules.values()), max(0, len(sys.modules) - inherited_count)))
    for module in imported:
        if is_students(module):
            module.__dict__.clear()
    sys.modules["__main__"].__dict__.clear()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            status = status or FLUSH_FAILED_STATUS
    return status


def is_students(module: types.ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.startswith("/home/")

"""What attacks need, in the jail with them: written into every home by jail.py and imported there."""

from __future__ import annotations

import ctypes
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
NUMBERS = json.loads(Path(__file__).with_name("numbers.json").read_text())


def tell(value: Any) -> None:
    """One line of JSON to the test."""
    print(json.dumps(value, default=repr), flush=True)


def syscall(call: str | int, *arguments: int | bytes | ctypes.Array[Any]) -> int:
    """Its result, or the negative errno, as the kernel has it."""
    number = NUMBERS[call] if isinstance(call, str) else call
    wide = [ctypes.c_ulong(value & (1 << 64) - 1) if isinstance(value, int) else value for value in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    return int(result) if result >= 0 else -ctypes.get_errno()


def verdict(call: str | int, *arguments: int | bytes | ctypes.Array[Any]) -> str:
    """ "done", or the name of the error."""
    result = syscall(call, *arguments)
    return "done" if result >= 0 else errno.errorcode.get(-result, str(result))


def attempt(action: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    """ "done", or the name of the OSError it raised."""
    try:
        action(*arguments, **named)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    return "done"


def overwrite(path: str, text: str = "owned") -> None:
    Path(path).write_text(text, encoding="utf-8")


def count_forks(most: int) -> list[int]:
    """Children that wait for ever, until no more can be made."""
    children = []
    for _ in range(most):
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            while True:
                os.read(os.pipe()[0], 1)
        children.append(child)
    return children

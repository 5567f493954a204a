"""Forking without the hooks that a single-threaded parent makes needless. Used by zygote.py and jail.py.

os.fork runs hooks that modules registered; that of `threading` alone copies a hundred pages of the zygote's memory to
find that there are no threads. The C library's own handlers always run: without them two jails would draw the same
random bytes from OpenSSL.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hook = Callable[[], object]

_c = ctypes.PyDLL(None, use_errno=True)  # PyDLL keeps the interpreter's lock over the call, which a fork must
_hooks: list[Hook] = []


@contextmanager
def recorded_hooks() -> Iterator[None]:
    """Remember which modules, imported inside the block, want to know of forks."""
    too_early = {"random", "threading"} & set(sys.modules)
    if too_early:
        raise RuntimeError(f"imported before their hooks could be recorded: {sorted(too_early)}")
    register = os.register_at_fork

    def record(**hooks: Hook) -> None:
        register(**hooks)
        hook = hooks.get("after_in_child")
        if hook is not None and getattr(hook, "__module__", None) != "threading":
            _hooks.append(hook)

    os.register_at_fork = record  # type: ignore[assignment]
    try:
        yield
    finally:
        os.register_at_fork = register


def fork() -> int:
    """Wants a single-threaded parent. A child that will run anybody's code must call `renew`."""
    pid = int(_c.fork())
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"fork: {os.strerror(number)}")
    return pid


def renew() -> None:
    """In the child: `random` and its like start anew. Apart from the fork, so that no error in here is the parent's."""
    for hook in _hooks:
        hook()
    threading = sys.modules.get("threading")
    if threading is not None:
        threading.main_thread()._set_native_id()  # the one thing its hook would find changed

"""Pid 1 of a jail: holds its pid namespace and takes in orphans, and does nothing else. Started by zygote.py.

It shares the zygote's memory (CLONE_VM), so that it costs neither a copy of it nor the pages that any Python would
write to, and it runs three calls of the C library: one lets go of what the zygote has open (a view of another jail
would otherwise live as long as this one), one tells the kernel to bury orphans by itself (SIGCHLD ignored), the last
waits for ever. Killing it kills all in its namespace (pid_namespaces(7)).
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import struct
from collections.abc import Callable

CLONE_VM = 0x100
SIG_IGN = 1
CLOSE_RANGE = 436  # its number on every architecture; the C library has no name for it everywhere
FIRST_DESCRIPTOR, LAST_DESCRIPTOR = 3, 0x7FFFFFFF
CONTEXTS = 3
CONTEXT_BYTES = 8192  # more than any ucontext_t of glibc's
STACK_BYTES = 8192
LINK_OFFSET = 8  # of uc_link in ucontext_t, then uc_stack: where, flags, size (ucontext.h; so on all our machines)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.getcontext.argtypes = [ctypes.c_void_p]
_libc.makecontext.restype = None


class Holder:
    """The little memory that one such process runs on; for one at a time, and any number after each other."""

    def __init__(self) -> None:
        size = CONTEXTS * CONTEXT_BYTES + (CONTEXTS + 1) * STACK_BYTES
        self.memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.memory.madvise(mmap.MADV_DONTFORK)  # the zygote's other children have no use for it
        self.begin = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        first, second, third = (self.begin + number * CONTEXT_BYTES for number in range(CONTEXTS))
        stacks = [self.begin + CONTEXTS * CONTEXT_BYTES + number * STACK_BYTES for number in range(CONTEXTS + 1)]
        self.prepare(third, 0, stacks[2], _libc.pause)
        self.prepare(second, third, stacks[1], _libc.signal, int(signal.SIGCHLD), SIG_IGN)
        self.prepare(first, second, stacks[0], _libc.syscall, CLOSE_RANGE, FIRST_DESCRIPTOR, LAST_DESCRIPTOR, 0)
        self.top = stacks[CONTEXTS] + STACK_BYTES
        self.fresh = self.memory[:]

    def prepare(self, context: int, link: int, stack: int, function: Callable[..., int], *arguments: int) -> None:
        """A context in which `function` is called, then that at `link` goes on (makecontext(3))."""
        _libc.getcontext(context)
        offset = context - self.begin + LINK_OFFSET
        self.memory[offset : offset + 32] = struct.pack("=QQQQ", link, stack, 0, STACK_BYTES)
        wide = [ctypes.c_long(value) for value in arguments]
        _libc.makecontext(ctypes.c_void_p(context), function, ctypes.c_int(len(wide)), *wide)

    def start(self) -> int:
        """Its pid. What the caller has unshared is what it lives in. Raises OSError."""
        self.memory[:] = self.fresh
        stack, context = ctypes.c_void_p(self.top), ctypes.c_void_p(self.begin)
        pid = int(_libc.clone(_libc.setcontext, stack, ctypes.c_int(CLONE_VM | signal.SIGCHLD), context))
        if pid < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"clone: {os.strerror(number)}")
        return pid

"""Runs a program under what a container forbids by default: `python container_rules.py PROGRAM ARGUMENT ...`

Docker's default profile refuses unshare, mount, setns and clone with a new namespace with EPERM, clone3 with ENOSYS
(moby, profiles/seccomp/default.json). The filter stays for all that the program starts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
from sandbox.seccomp import (
    ALLOW,
    JUMP_EQUAL,
    LOAD,
    NAMESPACE_FLAGS,
    NUMBER_OFFSET,
    RETURN,
    Instruction,
    refusal,
    without_bits,
)

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
NUMBERS = {
    "x86_64": {"unshare": 272, "mount": 165, "setns": 308, "clone": 56, "clone3": 435},
    "aarch64": {"unshare": 97, "mount": 40, "setns": 268, "clone": 220, "clone3": 435},
}


def rules(machine: str) -> bytes:
    numbers = NUMBERS[machine]
    program: list[Instruction] = [(LOAD, 0, 0, NUMBER_OFFSET)]
    for name in ("unshare", "mount", "setns"):
        program += [(JUMP_EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, refusal(errno.EPERM))]
    program += [(JUMP_EQUAL, 0, 1, numbers["clone3"]), (RETURN, 0, 0, refusal(errno.ENOSYS))]
    condition = without_bits(0, NAMESPACE_FLAGS)
    program += [(JUMP_EQUAL, 0, len(condition), numbers["clone"]), *condition, (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def put_on(program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    whole = Program(len(program) // 8, program)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(whole))):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    put_on(rules(platform.machine()))
    os.execvp(sys.argv[1], sys.argv[1:])

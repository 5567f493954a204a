"""The system-call filter of the student's process: an allow-list, made once in the zygote, loaded in every cage.

Classic BPF over struct seccomp_data (seccomp(2)). Arguments are compared in their low 32 bits, as the kernel reads the
commands in question; otherwise 0x1_0000_5412 would pass for a harmless ioctl.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterable, Sequence
from itertools import pairwise

from sandbox.syscall_table import ALLOWED, REFUSED

LOAD, JUMP, JUMP_EQUAL, JUMP_GREATER, JUMP_NOT_LESS, JUMP_ANY_BIT, AND, RETURN = (
    0x20,
    0x05,
    0x15,
    0x25,
    0x35,
    0x45,
    0x54,
    0x06,
)
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16
AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand

NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
PRIVILEGE_BITS = stat.S_ISUID | stat.S_ISGID
CREATING_FLAGS = os.O_CREAT | (os.O_TMPFILE & ~os.O_DIRECTORY)
SOCKET_FAMILIES = (1, 2, 10)  # UNIX, INET, INET6; AF_VSOCK would be a door to the hypervisor
SOCKET_PROTOCOLS = (0, 1, 6, 17)  # the family's own, TCP, UDP; others the kernel would load from disk
NODE_TYPES = (0, stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK)

# prctl(2): PDEATHSIG, DUMPABLE, NAME, CAPBSET_READ, TIMERSLACK, CHILD_SUBREAPER, NO_NEW_PRIVS, THP, malloc's SET_VMA.
PRCTL_OPTIONS = (1, 2, 3, 4, 15, 16, 23, 29, 30, 36, 37, 38, 39, 40, 41, 42, 0x53564D41)

# Terminals (ioctl_tty(2)) without TIOCSTI and TIOCLINUX, which type into or paste from somebody else's;
# close-on-exec, non-blocking and bytes waiting; names and addresses of the jail's own network interfaces.
IOCTL_COMMANDS = (
    *range(0x5401, 0x5412),
    *(0x5413, 0x5414, 0x5415, 0x541B, 0x5421, 0x5422, 0x5424, 0x5425, 0x5429, 0x5441, 0x5450, 0x5451),
    *(0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D, 0x80045430, 0x40045431, 0x80045439),
    *(0x8905, 0x8910, 0x8912, 0x8913, 0x8915, 0x8919, 0x891B, 0x8927, 0x8933),
)


def build_filter(machine: str, *, memory_files: bool) -> bytes:
    """The program for `machine`. Without `memory_files` there is no memfd_create: only a memory cgroup counts those."""
    numbers = dict(ALLOWED[machine])
    if not memory_files:
        del numbers["memfd_create"]
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE_OFFSET),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCHITECTURE[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER_OFFSET),
    ]
    if machine == "x86_64":
        program += [(JUMP_NOT_LESS, 0, 1, X32_BIT), (RETURN, 0, 0, refusal(errno.ENOSYS))]
    for name, condition in conditions().items():
        if name in numbers:
            program += [(JUMP_EQUAL, 0, len(condition), numbers.pop(name)), *condition]
    allowed = [(low, high, ALLOW) for low, high in ranges(numbers.values())]
    refused = [(low, high, refusal(errno.EPERM)) for low, high in ranges(REFUSED[machine].values())]
    program += search(sorted(allowed + refused))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def conditions() -> dict[str, list[Instruction]]:
    """System calls that are allowed with some arguments only."""
    return {
        "ioctl": only(1, IOCTL_COMMANDS, errno.ENOTTY),
        "prctl": only(0, PRCTL_OPTIONS, errno.EPERM),
        "clone": without_bits(0, NAMESPACE_FLAGS),
        "socket": [
            *only(0, SOCKET_FAMILIES, errno.EAFNOSUPPORT)[:-1],
            *only(2, SOCKET_PROTOCOLS, errno.EPROTONOSUPPORT),
        ],
        "prlimit64": only(0, (0,), errno.EPERM),  # its own limits; those of others are nobody's business
        "socketpair": only(0, SOCKET_FAMILIES[:1], errno.EAFNOSUPPORT),
        "chmod": without_bits(1, PRIVILEGE_BITS),
        "fchmod": without_bits(1, PRIVILEGE_BITS),
        "fchmodat": without_bits(2, PRIVILEGE_BITS),
        "creat": without_bits(1, PRIVILEGE_BITS),
        "open": creating_without_privilege(1, 2),
        "openat": creating_without_privilege(2, 3),
        "mknod": plain_node(1),
        "mknodat": plain_node(2),
    }


def only(argument: int, values: Sequence[int], error: int) -> list[Instruction]:
    tests = [(JUMP_EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
    return [load(argument), *tests, (RETURN, 0, 0, refusal(error)), (RETURN, 0, 0, ALLOW)]


def without_bits(argument: int, bits: int) -> list[Instruction]:
    return [load(argument), *refuse_bits(bits)]


def creating_without_privilege(flags: int, mode: int) -> list[Instruction]:
    """The mode argument is garbage unless the call creates a file."""
    return [
        load(flags),
        (JUMP_ANY_BIT, 1, 0, CREATING_FLAGS),
        (RETURN, 0, 0, ALLOW),
        *without_bits(mode, PRIVILEGE_BITS),
    ]


def plain_node(mode: int) -> list[Instruction]:
    """Files, FIFOs and sockets; no devices, no set-user-id bit."""
    refuse = (RETURN, 0, 0, refusal(errno.EPERM))
    privileged = [load(mode), (JUMP_ANY_BIT, 0, 1, PRIVILEGE_BITS), refuse]
    tests = [(JUMP_EQUAL, len(NODE_TYPES) - index, 0, value) for index, value in enumerate(NODE_TYPES)]
    return [*privileged, (AND, 0, 0, 0o170000), *tests, refuse, (RETURN, 0, 0, ALLOW)]


def refuse_bits(bits: int) -> list[Instruction]:
    return [(JUMP_ANY_BIT, 0, 1, bits), (RETURN, 0, 0, refusal(errno.EPERM)), (RETURN, 0, 0, ALLOW)]


def load(argument: int) -> Instruction:
    return (LOAD, 0, 0, ARGUMENTS_OFFSET + 8 * argument)


def refusal(error: int) -> int:
    return 0x00050000 | error


def search(answers: Sequence[tuple[int, int, int]]) -> list[Instruction]:
    """By halves: the kernel tries every number there is when a filter is loaded, so a short way down saves much.

    `answers` are (lowest number, highest number, answer), in order.
    """
    if len(answers) == 1:
        low, high, answer = answers[0]
        unknown = (RETURN, 0, 0, refusal(errno.ENOSYS))
        return [(JUMP_GREATER, 2, 0, high), (JUMP_NOT_LESS, 0, 1, low), (RETURN, 0, 0, answer), unknown]
    middle = len(answers) // 2
    below, above = search(answers[:middle]), search(answers[middle:])
    # A conditional jump reaches 255 instructions, an unconditional one any.
    return [(JUMP_NOT_LESS, 0, 1, answers[middle][0]), (JUMP, 0, 0, len(below)), *below, *above]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Consecutive numbers together: {1, 2, 3, 7} becomes [(1, 3), (7, 7)]."""
    ordered = sorted(numbers)
    breaks = [(before, after) for before, after in pairwise(ordered) if after != before + 1]
    lows = [ordered[0], *(after for _, after in breaks)]
    highs = [*(before for before, _ in breaks), ordered[-1]]
    return list(zip(lows, highs, strict=True))

"""The filter, run by an interpreter of classic BPF instead of the kernel: every number, on both machines."""

from __future__ import annotations

import errno
import os
import stat
import struct

import pytest

from sandbox import seccomp
from sandbox.seccomp import ALLOW, AUDIT_ARCHITECTURE, KILL_PROCESS, refusal
from sandbox.syscall_table import ALLOWED, REFUSED

MACHINES = list(AUDIT_ARCHITECTURE)
INSTRUCTION_BYTES = 8
KERNEL_MAX_INSTRUCTIONS = 4096  # BPF_MAXINSNS
NUMBERS = 1000


def decide(program: bytes, machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would answer (seccomp(2), "Filters")."""
    wide = [value & (1 << 64) - 1 for value in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack(
        "=IIQ6Q", number, AUDIT_ARCHITECTURE[machine] if architecture is None else architecture, 0, *wide
    )
    place, value = 0, 0
    while True:
        code, if_true, if_false, operand = struct.unpack_from("=HBBI", program, place * INSTRUCTION_BYTES)
        place += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        elif code == 0x05:
            place += operand
        elif code == 0x54:
            value &= operand
        else:
            tests = {0x15: value == operand, 0x25: value > operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            place += if_true if tests[code] else if_false


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def program(machine: str) -> bytes:
    return seccomp.build_filter(machine, memory_files=True)


def test_it_is_short_enough_for_the_kernel(program: bytes) -> None:
    assert len(program) % INSTRUCTION_BYTES == 0
    assert len(program) // INSTRUCTION_BYTES <= KERNEL_MAX_INSTRUCTIONS


def test_every_number_has_its_answer(machine: str, program: bytes) -> None:
    conditional = {ALLOWED[machine][name] for name in seccomp.conditions() if name in ALLOWED[machine]}
    allowed, refused = set(ALLOWED[machine].values()), set(REFUSED[machine].values())
    for number in range(NUMBERS):
        answer = decide(program, machine, number)
        if number in conditional:
            continue
        if number in allowed:
            assert answer == ALLOW, number
        elif number in refused:
            assert answer == refusal(errno.EPERM), number
        else:
            assert answer == refusal(errno.ENOSYS), number


def test_no_call_is_in_both_lists(machine: str) -> None:
    assert not set(ALLOWED[machine]) & set(REFUSED[machine])
    assert not set(ALLOWED[machine].values()) & set(REFUSED[machine].values())


def test_no_number_has_two_names(machine: str) -> None:
    both = [*ALLOWED[machine].values(), *REFUSED[machine].values()]
    assert len(both) == len(set(both))


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 | 39, 0x7FFFFFFF, 0xFFFFFFFF])
def test_numbers_with_high_bits_do_not_exist(machine: str, program: bytes, number: int) -> None:
    assert decide(program, machine, number) == refusal(errno.ENOSYS)


@pytest.mark.parametrize("architecture", [0, 0x40000003, 0x40000028, 0xC00000F3])
def test_another_architecture_is_death(machine: str, program: bytes, architecture: int) -> None:
    """i386 is 0x40000003, 32-bit ARM 0x40000028."""
    for number in (0, 1, 11, 20, 39, 120):
        assert decide(program, machine, number, architecture=architecture) == KILL_PROCESS


def test_each_machine_dies_on_the_others_calls(machine: str, program: bytes) -> None:
    [other] = [AUDIT_ARCHITECTURE[one] for one in MACHINES if one != machine]
    assert decide(program, machine, 0, architecture=other) == KILL_PROCESS


HIGH = 1 << 32
FORBIDDEN = [
    ("ioctl", (0, 0x5412), errno.ENOTTY),
    ("ioctl", (0, HIGH | 0x5412), errno.ENOTTY),
    ("ioctl", (0, 0x541C), errno.ENOTTY),
    ("prctl", (22,), errno.EPERM),
    ("prctl", (31,), errno.EPERM),
    ("prctl", (HIGH | 8,), errno.EPERM),
    ("clone", (0x10000000,), errno.EPERM),
    ("clone", (HIGH | 0x10000011,), errno.EPERM),
    ("clone", (0x00020011,), errno.EPERM),
    ("clone", (0x20000011,), errno.EPERM),
    ("socket", (40,), errno.EAFNOSUPPORT),
    ("socket", (16,), errno.EAFNOSUPPORT),
    ("socket", (HIGH | 17,), errno.EAFNOSUPPORT),
    ("socketpair", (16,), errno.EAFNOSUPPORT),
    ("chmod", (0, 0o4755), errno.EPERM),
    ("fchmod", (3, 0o2755), errno.EPERM),
    ("fchmodat", (-100, 0, 0o6755), errno.EPERM),
    ("creat", (0, 0o4755), errno.EPERM),
    ("open", (0, os.O_CREAT | os.O_WRONLY, 0o4755), errno.EPERM),
    ("openat", (-100, 0, os.O_CREAT, 0o2755), errno.EPERM),
    ("openat", (-100, 0, os.O_TMPFILE | os.O_RDWR, 0o4600), errno.EPERM),
    ("mknod", (0, stat.S_IFCHR | 0o666, 259), errno.EPERM),
    ("mknodat", (-100, 0, stat.S_IFBLK | 0o666, 259), errno.EPERM),
    ("mknodat", (-100, 0, stat.S_IFREG | 0o4666, 0), errno.EPERM),
]
PERMITTED = [
    ("ioctl", (0, 0x5401)),
    ("ioctl", (0, 0x5413)),
    ("prctl", (15,)),
    ("prctl", (1,)),
    ("clone", (0x003D0F00,)),  # a thread
    ("clone", (0x01200011,)),  # a fork
    ("socket", (1,)),
    ("socket", (2,)),
    ("socket", (10,)),
    ("socketpair", (1,)),
    ("chmod", (0, 0o755)),
    ("fchmod", (3, 0o1777)),
    ("fchmodat", (-100, 0, 0o644)),
    ("open", (0, os.O_RDONLY, 0o7777)),  # the mode means nothing here
    ("openat", (-100, 0, os.O_CREAT, 0o666)),
    ("openat", (-100, 0, os.O_DIRECTORY, 0o7777)),
    ("mknod", (0, stat.S_IFIFO | 0o600)),
    ("mknodat", (-100, 0, 0o600)),
    ("mknodat", (-100, 0, stat.S_IFSOCK | 0o600)),
]


@pytest.mark.parametrize(("name", "arguments", "error"), FORBIDDEN)
def test_forbidden(machine: str, program: bytes, name: str, arguments: tuple[int, ...], error: int) -> None:
    number = ALLOWED[machine].get(name)
    if number is not None:  # arm64 has only the newer ones of some
        assert decide(program, machine, number, *arguments) == refusal(error)


@pytest.mark.parametrize(("name", "arguments"), PERMITTED)
def test_permitted(machine: str, program: bytes, name: str, arguments: tuple[int, ...]) -> None:
    number = ALLOWED[machine].get(name)
    if number is not None:
        assert decide(program, machine, number, *arguments) == ALLOW


def test_nameless_files_only_where_something_counts_them(machine: str) -> None:
    number = ALLOWED[machine]["memfd_create"]
    assert decide(seccomp.build_filter(machine, memory_files=True), machine, number) == ALLOW
    assert decide(seccomp.build_filter(machine, memory_files=False), machine, number) == refusal(errno.ENOSYS)


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [([5], [(5, 5)]), ([3, 1, 2, 7], [(1, 3), (7, 7)]), ([0, 2, 4], [(0, 0), (2, 2), (4, 4)])],
)
def test_ranges(numbers: list[int], wanted: list[tuple[int, int]]) -> None:
    assert seccomp.ranges(numbers) == wanted

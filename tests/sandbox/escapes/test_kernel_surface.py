"""Student code reaches no more of the kernel than programs for students need."""

from __future__ import annotations

import os
import platform
import signal

import pytest

from sandbox import syscalls
from sandbox.outcome import Ended
from sandbox.syscall_table import ALLOWED, REFUSED
from tests.sandbox.jail import QUICK, ROOMY, Jail

IS_X86 = platform.machine() == "x86_64"
NEVER_FILTERED = (335, 336) if IS_X86 else ()  # uretprobe and uprobe: the kernel's own, SIGILL for everybody else
NAMESPACES = {
    "mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000,
    "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000,
}  # fmt: skip


@pytest.mark.everywhere
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_cant_make_a_namespace(jail: Jail, namespace: str) -> None:
    """In a user namespace of its own it would be root, over much more of the kernel."""
    flag = NAMESPACES[namespace]
    code = f"""
        import os
        from toolbox import syscall, tell, verdict
        before = os.readlink("/proc/self/ns/user")
        child = syscall("clone", {flag} | 17, 0, 0, 0, 0)
        if child == 0: os._exit(0)
        together = syscall("clone", {flag} | 0x10000000 | 17, 0, 0, 0, 0)
        if together == 0: os._exit(0)
        tell([verdict("unshare", {flag}), verdict("unshare", {flag} | 0x10000000), child, together,
              before == os.readlink("/proc/self/ns/user")])
    """
    alone, with_user, child, together, same = jail.ask(code)
    assert alone != "done"
    assert with_user != "done"
    assert child < 0
    assert together < 0
    assert same


def test_cant_make_a_namespace_by_the_newer_call(jail: Jail) -> None:
    """clone3 takes its flags in memory, where a filter cannot look: so it does not exist, and libraries fall back."""
    code = """
        import struct
        from toolbox import syscall, tell
        arguments = struct.pack("=11Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
        tell(syscall(435, arguments, len(arguments)))
    """
    assert jail.ask(code) == -38


@pytest.mark.everywhere
def test_cant_count_on_the_filter_alone(jail: Jail) -> None:
    """The kernel's own limit of namespaces is 0 as well, and cannot be raised again: it is not to be seen."""
    code = """
        import os
        from toolbox import attempt, tell
        tell([os.path.exists("/proc/sys"), attempt(open, "/proc/sys/user/max_user_namespaces", "w")])
    """
    assert jail.ask(code) == [False, "ENOENT"]


@pytest.mark.parametrize("call", sorted(REFUSED[syscalls.MACHINE]))
def test_cant_call(jail: Jail, call: str) -> None:
    """What the filter refuses by name is refused with EPERM whatever the arguments, before the kernel looks at them."""
    assert jail.ask(f"from toolbox import tell, verdict\ntell(verdict('{call}', -1, -1, -1, -1, -1))") == "EPERM"


def test_cant_call_what_is_not_known_yet(jail: Jail) -> None:
    """Whatever future kernels bring, and what no list names, is not there."""
    named = {*ALLOWED[syscalls.MACHINE].values(), *REFUSED[syscalls.MACHINE].values(), *NEVER_FILTERED}
    code = f"""
        from toolbox import syscall, tell
        named = {named}
        others = [number for number in range(600) if number not in named]
        tell([number for number in others if syscall(number, -1, -1, -1, -1, -1, -1) != -38])
    """
    assert jail.ask(code) == []


@pytest.mark.skipif(not IS_X86, reason="only x86-64 has a second set of numbers")
@pytest.mark.skips_in_ci("only x86-64 has a second set of numbers")
def test_cant_call_by_other_numbers(jail: Jail) -> None:
    """x32: the same calls under numbers with a bit set."""
    code = """
        from toolbox import syscall, tell
        numbers = (0, 1, 39, 56, 101, 165, 272, 321, 512, 520, 545)
        tell(sorted({syscall(0x40000000 | number, -1, -1, -1, -1, -1) for number in numbers}))
    """
    assert jail.ask(code) == [-38]


@pytest.mark.skipif(not IS_X86, reason="only x86-64 runs 32-bit code")
@pytest.mark.skips_in_ci("only x86-64 runs 32-bit code")
def test_cant_call_by_the_old_gate(jail: Jail) -> None:
    """int 0x80 has the numbers of 32-bit programs: 20 there is getpid, and the filter sees another architecture."""
    code = """
        import ctypes, mmap
        area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        area.write(bytes.fromhex("b814000000cd80c3"))
        getpid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))
        print("in", flush=True)
        print("pid", getpid(), flush=True)
    """
    result = jail.run(code)
    assert result.stdout == b"in\n"
    assert result.outcome.ended is Ended.CRASHED
    assert result.outcome.signal in (signal.SIGSYS, signal.SIGSEGV)


def test_cant_hide_a_forbidden_command_in_high_bits(jail: Jail) -> None:
    """The kernel reads 32 bits of these arguments; a filter that compared 64 would let others through."""
    code = """
        import os
        from toolbox import tell, verdict
        master, slave = os.openpty()
        tell([verdict("ioctl", slave, 0x1_0000_5412, b"x"), verdict("ioctl", slave, 0x5412, b"x"),
              verdict("socket", 0x1_0000_0010, 3, 0), verdict("prctl", 0x1_0000_0008, 1),
              verdict("clone", 0x1_1000_0011, 0)])
    """
    assert "done" not in jail.ask(code)


@pytest.mark.parametrize(
    "option",
    ["SECCOMP=22", "KEEPCAPS=8", "SECUREBITS=28", "MCE_KILL=33", "MM=35", "TASK_PERF_EVENTS_DISABLE=31",
     "PTRACER=1499557217", "CAP_AMBIENT=47", "SPECULATION=53", "IO_FLUSHER=57", "SYSCALL_USER_DISPATCH=59", "TSC=26"],
)  # fmt: skip
def test_cant_set_an_option_of_the_process(jail: Jail, option: str) -> None:
    """31 would stop the counters that count its CPU where there are no control groups."""
    number = int(option.partition("=")[2])
    code = f"""
        from toolbox import tell, verdict
        tell([verdict("prctl", {number}, first, 0, 0, 0) for first in (0, 1, 2, 4)])
    """
    assert set(jail.ask(code)) == {"EPERM"}


@pytest.mark.by_exact_tiers
def test_cant_switch_its_meter_off(jail: Jail) -> None:
    code = """
        from toolbox import syscall
        syscall("prctl", 31, 0, 0, 0, 0)
        while True: pass
    """
    assert jail.run(code, limits=QUICK).outcome.ended is Ended.CPU


def test_cant_undo_the_filter(jail: Jail) -> None:
    """Not by another, not by none, not by a new program, not by a thread that began before."""
    code = """
        import subprocess, sys, threading
        from toolbox import syscall, tell, verdict
        tries = [verdict("seccomp", 1, 0, b"\\0" * 16), verdict("prctl", 22, 0), verdict("prctl", 38, 0)]
        inside = "from toolbox import verdict; print(verdict('unshare', 0x10000000), verdict('bpf', 0, 0, 0))"
        child = subprocess.run([sys.executable, "-c", inside], capture_output=True, text=True).stdout.split()
        seen = []
        thread = threading.Thread(target=lambda: seen.append(verdict("unshare", 0x10000000)))
        thread.start(), thread.join()
        tell([tries, child, seen])
    """
    tries, child, thread = jail.ask(code, limits=ROOMY)
    assert "done" not in tries
    assert child == ["EPERM", "EPERM"]
    assert thread == ["EPERM"]


@pytest.mark.parametrize("call", ["shmget", "msgget", "semget", "mq_open"])
def test_cant_share_by_old_means(jail: Jail, call: str) -> None:
    """System V and POSIX queues: memory that no limit of a process counts."""
    numbers = {"shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180)}
    number = numbers[call][0 if IS_X86 else 1]
    arguments = {
        "shmget": "0, 1 << 20, 0o1600",
        "msgget": "0, 0o1600",
        "semget": "0, 1, 0o1600",
        "mq_open": "b'q', 0o102, 0o600, 0",
    }
    assert jail.ask(f"from toolbox import syscall, tell\ntell(syscall({number}, {arguments[call]}))") < 0


def test_cant_use_up_what_the_kernel_counts_by_user(jail: Jail) -> None:
    """inotify instances are few, and counted for whoever owns the namespace all jails are in: often root."""
    hog = jail.begin(
        """
        import os
        from toolbox import libc, tell
        count = 0
        for _ in range(8):
            reading, writing = os.pipe()
            if os.fork() == 0:
                mine = 0
                while mine < 100 and libc.inotify_init() >= 0: mine += 1
                os.write(writing, mine.to_bytes(2, "big"))
                os.read(os.pipe()[0], 1)
            count += int.from_bytes(os.read(reading, 2), "big")
        tell(count)
        input()
    """,
        limits=ROOMY,
    )
    hog.wait_for(b"\n")
    other = jail.beside()
    instance = syscalls._libc.inotify_init()
    try:
        assert instance >= 0, "this side cannot watch files any more"
        assert other.ask("from toolbox import libc, tell\ntell(libc.inotify_init() >= 0)"), "nobody else can either"
    finally:
        if instance >= 0:
            os.close(instance)
        hog.stop()
        hog.result()


def test_cant_use_up_descriptors_under_way(jail: Jail) -> None:
    """Descriptors that are sent and not yet received are counted by user, and all jails are one user: others may be
    refused to send theirs meanwhile (docs/escapes.md), but our own way to start programs must not be."""
    hog = jail.begin("""
        import socket
        from toolbox import tell
        kept, count = [], 0
        try:
            for _ in range(20):
                kept.append(socket.socketpair())
                for _ in range(10):
                    socket.send_fds(kept[-1][0], [b"x"], [0] * 100)
                    count += 100
        except OSError:
            pass
        tell(count)
        input()
    """)
    hog.wait_for(b"\n")
    other = jail.beside()
    try:
        assert [other.ask("from toolbox import tell\ntell('runs')") for _ in range(20)] == ["runs"] * 20
    finally:
        hog.stop()
        hog.result()


def test_cant_leave_a_core(jail: Jail) -> None:
    """A crash leaves no copy of the memory behind, in the home or elsewhere."""
    result = jail.run("import os\nos.abort()")
    assert result.outcome.ended is Ended.CRASHED
    assert not [path for path in jail.home.iterdir() if path.name.startswith("core")]


def test_cant_take_kernel_keys(jail: Jail) -> None:
    code = """
        from toolbox import tell, verdict
        tell([verdict("add_key", b"user", b"name", b"value", 5, -4), verdict("keyctl", 0, -4, 0),
              verdict("request_key", b"user", b"x", 0, 0)])
    """
    assert jail.ask(code) == ["EPERM"] * 3


def test_cant_set_the_clock(jail: Jail) -> None:
    code = """
        import time
        from toolbox import attempt, tell
        tell(attempt(time.clock_settime, time.CLOCK_REALTIME, 0.0))
    """
    assert jail.ask(code) == "EPERM"


def test_cant_rename_the_machine(jail: Jail) -> None:
    other = jail.beside()
    code = """
        import os, socket
        from toolbox import attempt, tell
        tell([attempt(socket.sethostname, "owned"), os.uname().nodename])
    """
    assert jail.ask(code) == ["EPERM", "ivle"]
    assert other.ask("import os, toolbox\ntoolbox.tell(os.uname().nodename)") == "ivle"

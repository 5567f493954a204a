"""Pid 1 of a jail shares the zygote's memory: nothing that student code does to it reaches the zygote or other runs."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import syscalls
from sandbox.syscall_table import ALLOWED
from tests.sandbox.jail import ROOMY, Jail, until

NICE, POLICY = 16, 38  # of /proc/[pid]/stat after the name, counted from 0 (proc_pid_stat(5))
OF_A_PROCESS = 1  # ioprio_get(2)
MORE_THAN_ALL = 72  # jails that an installation of these tests has at a time
NEIGHBOURS = 30  # more than there are spares, and enough that the zygote holds more than a hundred descriptors


@pytest.fixture
def same_zygote(jail: Jail) -> Iterator[int]:
    """The zygote's pid; at the end it must be the same one, and able to make jails and to bury them."""
    before = jail.installation.status()["zygote_pid"]
    yield before
    spares_and_one_more = 9
    for _ in range(spares_and_one_more):
        assert jail.run("import os\nos._exit(3)").outcome.exit_status == 3
    assert jail.installation.status()["zygote_pid"] == before


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "way",
    [
        "attempt(os.kill, 1, number)",
        "attempt(signal.pidfd_send_signal, holder, number)",
        "syscall('tkill', 1, number)",
        "syscall('tgkill', 1, 1, number)",
        "[syscall('rt_sigqueueinfo', 1, number, forged(number, code)) for code in CODES]",
        "[syscall('rt_tgsigqueueinfo', 1, 1, number, forged(number, code)) for code in CODES]",
    ],
)
def test_cant_signal_the_zygote(jail: Jail, same_zygote: int, way: str) -> None:
    """All 64 of them, by every call there is. Nor does the jail end, of which it is pid 1."""
    code = f"""
        import os, signal, struct
        from toolbox import attempt, syscall, tell
        CODES = (0, -1, -2, -3, -6, -60, 1, 6, 128)
        def forged(number, code):
            return struct.pack("=iiiiiii", number, 0, code, 0, 2, os.getuid(), 0).ljust(128, b"\\0")
        holder = os.pidfd_open(1)
        for number in range(1, 65): {way}
        tell("alive")
    """
    assert jail.ask(code) == "alive"


def test_cant_leave_a_zombie_in_its_jail(jail: Jail) -> None:
    """Hundreds of orphans: each is buried by the kernel, as pid 1 ignores their end."""
    code = """
        import os, time
        from toolbox import attempt, tell
        orphans = []
        for _ in range(300):
            reading, writing = os.pipe()
            if os.fork() == 0:
                orphan = os.fork()
                if orphan: os.write(writing, b"%d" % orphan)
                os._exit(0)
            os.close(writing)
            orphans.append(int(os.read(reading, 16)))  # nothing, where there could be no more
            os.close(reading)
            os.wait()
        end = time.monotonic() + 5
        while left := [pid for pid in orphans if attempt(os.kill, pid, 0) == "done"]:
            if time.monotonic() > end: break
        tell(left)
    """
    assert jail.ask(code, limits=ROOMY) == []


def scheduling(pid: int) -> tuple[Any, ...]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ioprio = ctypes.CDLL(None).syscall(ALLOWED[syscalls.MACHINE]["ioprio_get"], OF_A_PROCESS, pid)
    return fields[NICE], fields[POLICY], os.sched_getaffinity(pid), ioprio


@pytest.mark.everywhere
def test_cant_slow_down_the_zygote(jail: Jail, same_zygote: int) -> None:
    """What pid 1 is given of the processor is its own matter, though it is of the same user and shares its memory."""
    others = [pid for pid in jail.installation.processes() if pid != same_zygote]
    neighbour = jail.beside().begin(
        "import os\nprint('nice', os.nice(0), flush=True)\ninput()\nprint('nice', os.nice(0))"
    )
    neighbour.wait_for(b"\n")
    before = scheduling(same_zygote)
    running = jail.begin(
        """
        import os
        from toolbox import attempt, syscall
        IDLE = 3 << 13  # ioprio_set(2), of a process, a group and a user
        for pid in (1, 0):
            for kind in (1, 2, 3): syscall("ioprio_set", kind, pid, IDLE)
            attempt(os.sched_setaffinity, pid, {min(os.sched_getaffinity(0))})
            attempt(os.setpriority, os.PRIO_PROCESS, pid, 19)
            attempt(os.setpriority, os.PRIO_PGRP, pid, 19)
            attempt(os.setpriority, os.PRIO_USER, os.getuid() * pid, 19)
            attempt(os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
        print("done", flush=True)
        input()
    """
    )
    running.wait_for(b"done")
    assert scheduling(same_zygote) == before
    running.send(b"\n")
    assert running.result().outcome.exit_status == 0
    neighbour.send(b"\n")
    earlier, later = neighbour.result().text.splitlines()
    assert earlier == later

    def nobody_is_slowed() -> bool:
        """Of those that were there before and are still: the own jail, which was one of them, is soon no more."""
        return all(scheduling(pid) == before for pid in jail.installation.processes() if pid in others)

    until(nobody_is_slowed, "as it was")
    nice, policy = jail.ask("import os\nfrom toolbox import tell\ntell([os.nice(0), os.sched_getscheduler(0)])")
    assert nice < 19  # a person's share may make it more than 0
    assert policy == os.SCHED_OTHER


@pytest.mark.everywhere
def test_cant_reach_the_zygote_by_a_handle(jail: Jail) -> None:
    """A pidfd of pid 1 gives neither its namespaces (ioctl_pidfd(2)) nor its descriptors; nor is an address told."""
    code = """
        import os
        from toolbox import tell, verdict
        PROCESS_MADVISE, PROCESS_MRELEASE = 440, 448  # on every machine
        holder, room = os.pidfd_open(1), bytes(64)
        tell([verdict("ioctl", holder, 0xFF00 + number, 0) for number in range(1, 16)]
             + [verdict("pidfd_getfd", holder, number, 0) for number in range(8)]
             + [verdict("setns", holder, kind) for kind in (0x20000, 0x20000000, 0x40000000, 0x10000000)]
             + [verdict("get_robust_list", 1, room, room), verdict("process_vm_readv", 1, room, 0, room, 0, 0)]
             + [verdict(call, holder, 0, 0, 0, 0) for call in (PROCESS_MADVISE, PROCESS_MRELEASE)])
    """
    assert "done" not in jail.ask(code)


def test_cant_keep_the_zygote_from_others(jail: Jail) -> None:
    """Somebody who asks for jails without end: another's is made all the same, and soon."""
    greedy = [jail.begin("input()", limits=ROOMY) for _ in range(MORE_THAN_ALL)]
    before = time.monotonic()
    answer = jail.beside().ask("from toolbox import tell\ntell('here')")
    passed = time.monotonic() - before
    for running in greedy:
        running.stop()
    for running in greedy:
        running.result()
    assert answer == "here"
    assert passed < ROOMY.wall_seconds / 2


def test_cant_inherit_what_the_zygote_holds_for_others(jail: Jail) -> None:
    """Views, channels and handles of many jails at a time: more than the student closes before its program begins."""
    neighbours = [jail.beside().begin("print('up', flush=True)\ninput()") for _ in range(NEIGHBOURS)]
    for neighbour in neighbours:
        neighbour.wait_for(b"up")
    code = """
        import os
        from toolbox import attempt, tell
        held = [number for number in range(1 << 14) if attempt(os.fstat, number) == "done"]
        tell([(number, os.readlink(f"/proc/self/fd/{number}")) for number in held if number > 2])
    """
    held = jail.ask(code)
    for neighbour in neighbours:
        neighbour.stop()
        neighbour.result()
    assert held == []

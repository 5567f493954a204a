"""The student's process, pid 2 of its jail, from its birth to the first line of student code. Forked by zygote.py."""

from __future__ import annotations

import _signal
import contextlib
import fcntl
import gc
import os
import sys
from itertools import pairwise
from types import ModuleType
from typing import NoReturn

from sandbox import cage as caging
from sandbox import forks, mounts, syscalls, terminal, wire
from sandbox.cage import Cage
from sandbox.job import ENCODING, NOBODYS_NAME, Work
from sandbox.plan import Plan

BROKEN_JAIL_STATUS = 70  # EX_SOFTWARE of sysexits.h: the jail could not be built; the reason went to the supervisor
STUDENT_PID = 2
AT_HOME = b"home"
STREAM_COUNT = 3
ANSWER_MAX_BYTES = 512
FIRST_FREE_DESCRIPTOR = 32  # above all that this process has open by then
DESCRIPTORS_MAX = 1 << 20
REHEARSAL = b"script\0/home\0\0\x001\0/home\0HOME\0/home"
CONSOLE = {  # the environment of whatever runs on a terminal
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "MPLBACKEND": "module://ivle_display",
    "PYTHONPATH": mounts.IMPORTABLE,
}
DONE = "/run/done"  # a FIFO that the supervisor reads


def live(
    orders: int, channel: int, doors: list[int], cage: Cage, plan: Plan, guests: dict[str, ModuleType]
) -> NoReturn:
    """`orders` comes from the supervisor, `channel` from the zygote; `doors` are those of the jail's control groups."""
    try:
        forks.renew()
        close_all_but(orders, channel, *doors)
        connection = wire.bare(orders)
        if plan.counts_cpu:
            hand_over_clock(connection)
        build(doors, cage, plan)
        if plan.rehearses:
            rehearse(guests, "script" if not plan.has_terminal else "ipython" if "IPython" in sys.modules else "repl")
        wire.say(connection, "parked")
        kind, owner, descriptors = wire.hear(connection)
        count = 1 + (0 if plan.has_terminal else STREAM_COUNT)
        if kind == "run" and len(descriptors) >= count:
            join(descriptors[count:])
            start(owner, descriptors[:count], channel, guests, CONSOLE if plan.has_terminal else {})
    except BaseException as error:
        report(orders, error)
    os._exit(BROKEN_JAIL_STATUS)


def close_all_but(*kept: int) -> None:
    """Everything else that is open here is the zygote's, or another jail's."""
    for low, high in pairwise([2, *sorted(kept), DESCRIPTORS_MAX]):
        os.closerange(low + 1, high)


def hand_over_clock(orders: wire.Connection) -> None:
    """Before the cage: whoever may have few descriptors open may not send any while many are under way (unix(7))."""
    clock = syscalls.open_task_clock()
    wire.say(orders, "clock", descriptors=[clock])
    os.close(clock)


def build(doors: list[int], cage: Cage, plan: Plan) -> None:
    """The part of the jail that only a process inside can make; afterwards this process is in its cage."""
    join(doors)
    syscalls.unshare(syscalls.CLONE_NEWCGROUP)  # its group is the root of all it sees
    # The zygote's /proc still shows sysctls; the jail's own will not.
    outer_proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    mounts.add_own_proc()
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    for number in range(STREAM_COUNT):
        os.dup2(nothing, number)
    caging.enter(cage, outer_proc)
    if plan.has_terminal:
        terminal.take()
    wire.close_all([outer_proc, nothing])


def join(doors: list[int]) -> None:
    """These control groups, and nobody in the jail ever another."""
    for door in doors:
        os.write(door, b"0")
        os.close(door)


def report(orders: int, error: BaseException) -> None:
    with contextlib.suppress(OSError):  # the supervisor is gone, and this jail with it
        wire.say(wire.bare(orders), "broken", f"{type(error).__name__}: {error}"[:ANSWER_MAX_BYTES])


def rehearse(guests: dict[str, ModuleType], entry: str) -> None:
    """Walk the path of a run while nobody waits, so that memory a run will write to is already our own copy."""
    gc.freeze()  # what the zygote has made since it was warm: no collection here shall write to it
    set_environment("", Work.from_payload(REHEARSAL).environ)  # of which a run replaces every one
    guests[entry].rehearse()
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())  # another guest may run here in the end


def start(
    owner: str, descriptors: list[int], channel: int, guests: dict[str, ModuleType], environment: dict[str, str]
) -> None:
    """Returns only if the zygote never says that the owner's home is there."""
    with open(take_over(descriptors), "rb") as file:
        work = Work.from_payload(file.read())
    set_environment(owner or NOBODYS_NAME, environment | work.environ)
    if os.read(channel, ANSWER_MAX_BYTES) != AT_HOME:
        return
    os.closerange(STREAM_COUNT, DESCRIPTORS_MAX)  # of ours some have high numbers: the zygote had many open
    go_to(work.directory)
    if work.file_bytes is not None:
        caging.shorten_files(work.file_bytes)
    if work.notice:
        os.write(2, work.notice.encode(*ENCODING))
    gc.enable()
    leave(guests[work.entry].run(work.argv))


def leave(status: int) -> NoReturn:
    """Let readers see the end of the output, and the supervisor that all went well, a millisecond before the kernel has
    taken this process's memory apart. Student code may say so too: it is ended for it."""
    if os.getpid() == STUDENT_PID and status == 0:
        os.closerange(0, STREAM_COUNT)
        with contextlib.suppress(OSError):
            os.write(os.open(DONE, os.O_WRONLY | os.O_NONBLOCK), b"!")
    os._exit(status)


def take_over(descriptors: list[int]) -> int:
    """Descriptors 0, 1 and 2 become the program's; the payload's is returned."""
    *streams, payload = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, FIRST_FREE_DESCRIPTOR) for descriptor in descriptors]
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    return payload


def set_environment(owner: str, extra: dict[str, str]) -> None:
    environment = {
        "HOME": f"/home/{owner}",
        "USER": owner,
        "LOGNAME": owner,
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp",
    }
    for name, value in (environment | extra).items():
        os.environ[name] = value


def go_to(directory: str) -> None:
    """The home itself where the directory is gone."""
    try:
        os.chdir(directory)
    except OSError:
        os.chdir(os.environ["HOME"])

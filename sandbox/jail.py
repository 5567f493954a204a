"""Pid 1 of one jail, and the last steps of pid 2 before student code. Forked by zygote.py; neither function returns."""

from __future__ import annotations

import _signal
import contextlib
import fcntl
import gc
import io
import json
import os
import signal
import socket
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from sandbox import cage as caging
from sandbox import forks, mounts, networks, syscalls, terminal, wire
from sandbox.cage import Cage
from sandbox.networks import Network
from sandbox.plan import Plan

OWN_NAMESPACES = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP
BROKEN_JAIL_STATUS = 70  # EX_SOFTWARE of sysexits.h: init could not build the jail; the reason went to the supervisor
STUDENT_PID = 2
DONE = signal.SIGUSR1
AWAITED = {signal.SIGCHLD, DONE}
BY_KILL = 0  # SI_USER of sigaction(2): the kernel itself names the sender, whom sigqueue(3) lets anybody make up
CAGED, AT_HOME = b"caged", b"home"
STREAM_COUNT = 3
ANSWER_MAX_BYTES = 512
FIRST_FREE_DESCRIPTOR = 32  # above all that this process has open by then


def live(descriptors: list[int], network: Network, cage: Cage, plan: Plan, guests: dict[str, ModuleType]) -> NoReturn:
    """`descriptors` are the control socket, the student's orders and the doors of this jail's control groups."""
    control, orders, *doors = descriptors
    try:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        for door in doors:
            os.write(door, b"0")
            os.close(door)
        clock = [syscalls.open_task_clock()] if plan.counts_cpu else []
        # The zygote's /proc still shows sysctls; the jail's own will not.
        outer_proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        build(cage, network.descriptor)
        ends = terminal.open_ends(caging.student_ids(cage)) if plan.has_terminal else ()
        channel, student = fork_student(cage, plan, guests, orders, outer_proc, (control, *clock, *ends))
        wire.close_all([orders, outer_proc])
        wire.say(connection := wire.bare(control), "parked", descriptors=[*clock, *ends])
        connection.detach()
        wire.close_all([*clock, *ends])
        serve(control, channel, student, network)
    except BaseException as error:
        report(control, error)
    os._exit(BROKEN_JAIL_STATUS)


def report(control: int, error: BaseException) -> None:
    try:
        wire.tell(control, "broken", f"{type(error).__name__}: {error}"[:500])
    except OSError:
        return  # the supervisor is gone, and this jail with it


def build(cage: Cage, network: int) -> None:
    """Everything about the jail that does not depend on whose it will be."""
    syscalls.setns(network, syscalls.CLONE_NEWNET)
    os.close(network)
    syscalls.unshare(OWN_NAMESPACES)
    mounts.add_private_mounts(cage.limits)
    socket.sethostname("ivle")


def fork_student(
    cage: Cage,
    plan: Plan,
    guests: dict[str, ModuleType],
    orders: int,
    outer_proc: int,
    not_for_it: Sequence[int],
) -> tuple[int, int]:
    """Pid 2, already in its cage and waiting; returns the channel to wake it and its pid."""
    ours, theirs = wire.channel()
    student = forks.fork()
    if student == 0:
        try:
            wire.close_all([ours, *not_for_it])
            be_student(theirs, orders, cage, plan, guests, outer_proc)
        finally:
            os._exit(BROKEN_JAIL_STATUS)
    os.close(theirs)
    answer = os.read(ours, ANSWER_MAX_BYTES)
    if answer != CAGED:
        raise OSError(f"the student's process could not be caged: {answer.decode(errors='replace')}")
    return ours, student


def serve(control: int, channel: int, student: int, network: Network) -> NoReturn:
    """Wait to be given an owner, wake the student, then reap until it has ended."""
    kind, owner = wire.listen(control)
    if kind != "run":
        os._exit(0)
    # The student reads its own orders while we put its home in place; it goes on when told that the home is there.
    mounts.add_home(owner)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    os.write(channel, AT_HOME)
    mounts.drop_homes()
    wire.close_all([channel, 0, 1, 2])
    give_up_privileges()
    wire.tell(control, "exited", str(wait_for(student)))
    end_all_others()
    wire.tell(control, "left", "clean" if networks.traces() == network.fresh else "littered")
    os._exit(0)


def wait_for(student: int) -> int:
    """The student's status as wait(2) gives it. Its own word that it is done, with status 0, is enough: that comes a
    millisecond before the kernel has taken its memory apart, and whoever gives it is ended with it."""
    while True:
        status = reap(student)
        if status is not None:
            return status
        told = signal.sigwaitinfo(AWAITED)
        if told.si_signo == DONE and told.si_pid == student and told.si_code == BY_KILL:
            return 0


def reap(student: int) -> int | None:
    """Its status if it has ended; orphans are taken as well."""
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid in (student, 0):
                return status if pid else None
    except ChildProcessError:
        return None


def end_all_others() -> None:
    """What the program has left running."""
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    except (ProcessLookupError, ChildProcessError):
        return


def give_up_privileges() -> None:
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
    to_kill = 1 << syscalls.CAP_KILL  # student code may have another uid
    syscalls.set_capabilities(to_kill, to_kill, 0)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # no ptrace, no /proc/1 for the student


def be_student(
    channel: int,
    orders: int,
    cage: Cage,
    plan: Plan,
    guests: dict[str, ModuleType],
    outer_proc: int,
) -> None:
    try:
        nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        caging.enter(cage, outer_proc)
        if plan.has_terminal:
            terminal.take()
    except Exception as error:
        os.write(channel, f"{type(error).__name__}: {error}".encode()[:ANSWER_MAX_BYTES])
        return
    if plan.rehearses:
        rehearse(guests)
    os.write(channel, CAGED)
    kind, owner, descriptors = wire.hear(wire.bare(orders))
    if kind != "run" or len(descriptors) != 1 + (0 if plan.has_terminal else STREAM_COUNT):
        return  # nobody will use this jail
    with open(take_over(descriptors), "rb") as file:
        job = json.load(file)
    set_environment(owner, job["environ"])
    if os.read(channel, ANSWER_MAX_BYTES) != AT_HOME:
        return
    mounts.wait_until_homes_are_dropped()
    os.closerange(STREAM_COUNT, 2 * FIRST_FREE_DESCRIPTOR)
    go_to(job["directory"])
    gc.enable()
    leave(guests[job["entry"]].run(job["argv"]))


def rehearse(guests: dict[str, ModuleType]) -> None:
    """Walk the path of a run while nobody waits, so that memory a run will write to is already our own copy."""
    job = json.load(io.BytesIO(b'{"argv": ["/home"], "environ": {"HOME": "/home"}}'))
    set_environment("", job["environ"])  # of which a run replaces every one
    for guest in guests.values():
        guest.rehearse()


def leave(status: int) -> NoReturn:
    """Let readers see the end of the output, and init that all went well, before this process is taken apart."""
    if os.getpid() == STUDENT_PID and status == 0:
        os.closerange(0, 3)
        with contextlib.suppress(PermissionError):  # where init has another uid it just waits
            os.kill(1, DONE)
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

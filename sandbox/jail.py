"""Pid 1 of one jail, and the last steps of pid 2 before student code. Forked by zygote.py; neither function returns."""

from __future__ import annotations

import fcntl
import gc
import json
import os
import signal
import socket
from types import ModuleType
from typing import NoReturn

from sandbox import cage as caging
from sandbox import mounts, syscalls, wire
from sandbox.cage import Cage

OWN_NAMESPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWCGROUP
)
BROKEN_JAIL_STATUS = 70  # EX_SOFTWARE of sysexits.h: init could not build the jail; the reason went to the supervisor
CAGED, AT_HOME = b"caged", b"home"
DESCRIPTOR_COUNT = 4  # stdin, stdout, stderr, payload
ANSWER_MAX_BYTES = 512
FIRST_FREE_DESCRIPTOR = 32  # above all that this process has open by then


def live(
    control_descriptor: int, cgroups: list[int], cage: Cage, guests: dict[str, ModuleType], *, counts_cpu: bool
) -> NoReturn:
    control = socket.socket(fileno=control_descriptor)
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in cgroups:
            os.write(descriptor, b"0")
            os.close(descriptor)
        clock = [syscalls.open_task_clock()] if counts_cpu else []
        # The zygote's /proc still shows sysctls; the jail's own will not.
        outer_proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        build(cage)
        channel, student = fork_student(cage, guests, outer_proc, (control, *clock))
        os.close(outer_proc)
        wire.send(control, {"kind": "parked"}, clock)
        wire.close_all(clock)
        serve(control, channel, student)
    except BaseException as error:
        report(control, error)
    os._exit(BROKEN_JAIL_STATUS)


def report(control: socket.socket, error: BaseException) -> None:
    try:
        wire.send(control, {"kind": "broken", "text": f"{type(error).__name__}: {error}"[:500]})
    except OSError:
        return  # the supervisor is gone, and this jail with it


def build(cage: Cage) -> None:
    """Everything about the jail that does not depend on whose it will be."""
    syscalls.unshare(OWN_NAMESPACES)
    mounts.add_private_mounts(cage.limits)
    socket.sethostname("ivle")
    syscalls.raise_loopback()


def fork_student(
    cage: Cage, guests: dict[str, ModuleType], outer_proc: int, not_for_it: tuple[socket.socket | int, ...]
) -> tuple[socket.socket, int]:
    """Pid 2, already in its cage and waiting; returns the channel to wake it and its pid."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    student = os.fork()
    if student == 0:
        try:
            ours.close()
            for held in not_for_it:
                os.close(held if isinstance(held, int) else held.detach())
            be_student(theirs, cage, guests, outer_proc)
        finally:
            os._exit(BROKEN_JAIL_STATUS)
    theirs.close()
    answer = ours.recv(ANSWER_MAX_BYTES)
    if answer != CAGED:
        raise OSError(f"the student's process could not be caged: {answer.decode(errors='replace')}")
    return ours, student


def serve(control: socket.socket, channel: socket.socket, student: int) -> NoReturn:
    """Wait to be given an owner, wake the student, then reap until it has ended."""
    message, descriptors = wire.receive(control)
    if message is None:
        os._exit(0)
    owner = message["owner"]
    # The student reads what it shall run while we put its home in place; it goes on when told that the home is there.
    socket.send_fds(channel, [owner.encode()], descriptors)
    mounts.add_home(owner)
    channel.send(AT_HOME)
    wire.close_all([*descriptors, channel.detach(), 0, 1, 2])
    give_up_everything()
    while True:
        pid, status = os.wait()
        if pid == student:
            wire.send(control, {"kind": "exited", "status": status})
            os._exit(0)


def give_up_everything() -> None:
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
    syscalls.set_capabilities(0, 0, 0)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # no ptrace, no /proc/1 for the student


def be_student(channel: socket.socket, cage: Cage, guests: dict[str, ModuleType], outer_proc: int) -> None:
    try:
        nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        caging.enter(cage, outer_proc)
    except OSError as error:
        channel.send(str(error).encode()[:ANSWER_MAX_BYTES])
        return
    for guest in guests.values():
        guest.rehearse()
    channel.send(CAGED)
    owner, descriptors, _, _ = socket.recv_fds(channel, ANSWER_MAX_BYTES, DESCRIPTOR_COUNT)
    if len(descriptors) != DESCRIPTOR_COUNT:
        return  # nobody will use this jail
    with open(take_over(descriptors), "rb") as file:
        job = json.load(file)
    set_environment(owner.decode(), job["environ"])
    if channel.recv(ANSWER_MAX_BYTES) != AT_HOME:
        return
    os.closerange(DESCRIPTOR_COUNT - 1, 2 * FIRST_FREE_DESCRIPTOR)
    go_to(job["directory"])
    gc.enable()
    guests[job["entry"]].run(job["argv"])


def take_over(descriptors: list[int]) -> int:
    """Descriptors 0, 1 and 2 become the program's; the payload's is returned."""
    *streams, payload = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, FIRST_FREE_DESCRIPTOR) for descriptor in descriptors]
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    return payload


def set_environment(owner: str, extra: dict[str, str]) -> None:
    home = f"/home/{owner}"
    os.environ.update({"HOME": home, "USER": owner, "LOGNAME": owner, "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp"})
    os.environ.update(extra)


def go_to(directory: str) -> None:
    """The home itself where the directory is gone."""
    try:
        os.chdir(directory)
    except OSError:
        os.chdir(os.environ["HOME"])

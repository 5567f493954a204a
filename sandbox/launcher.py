"""Turns a fresh process into a zygote: namespaces, template root, then exec of the students' interpreter.

Started by nursery.py as `python -m sandbox.launcher DESCRIPTOR CONFIGURATION`. It stays as the zygote's parent, does
nothing and holds nothing; when either dies, so does the other. Every step that a machine may refuse has a name, so that
diagnosis.py can say what to do about it.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from sandbox import generations, mounts, syscalls, wire
from sandbox.identity import INSIDE_ID, Mode, write_maps
from sandbox.runtime import Runtime, RuntimeMissing, find_runtime

ZYGOTE_DESCRIPTOR = 3
HELD_DESCRIPTOR = 3  # of the zygote's parent: its environment
WORKSHOP = "/tmp"  # any folder to mount on: in this process's own mount namespace nobody else sees it
THREAD_STACK_BYTES = 1024 * 1024  # of each thread in the zygote's children; read by the C library at exec
NAMESPACES = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWPID


@dataclass(frozen=True)
class Launch:
    """What a zygote needs to know to be made. Travels as JSON on the launcher's command line."""

    homes: str
    single_owner: str | None  # `homes` is the home of this one, not the folder of all
    runtime: str | None
    guests: str
    name: str  # of this zygote, which says what it is prepared for: "python", "ipython"
    mode: Mode
    uid: int  # the kernel's own number for student code, outside the jail
    gid: int

    def as_text(self) -> str:
        return json.dumps(self.__dict__)

    @classmethod
    def from_text(cls, text: str) -> Launch:
        values = json.loads(text)
        return cls(**{**values, "mode": Mode(values["mode"])})


@dataclass(frozen=True)
class Refusal:
    """A step of isolating that the machine would not take."""

    step: str
    errno: int
    text: str

    def as_text(self) -> str:
        return json.dumps(vars(self))

    @classmethod
    def from_text(cls, text: str) -> Refusal:
        return cls(**json.loads(text))


class StepFailed(Exception):
    """A step of isolating was refused by the machine."""

    def __init__(self, step: str, error: OSError) -> None:
        super().__init__(f"{step}: {error}")
        self.step = step
        self.error = error


def attempt(step: str, action: Callable[[], None]) -> None:
    try:
        action()
    except OSError as error:
        raise StepFailed(step, error) from error


def launch(connection: socket.socket, launch: Launch) -> None:
    """Fork the zygote and wait for its end. Raises StepFailed."""
    if os.geteuid() == 0:
        os.setgroups([])  # those of the administrator's shell
    try:
        runtime = find_runtime(Path(launch.runtime) if launch.runtime else None)
    except RuntimeMissing as error:
        raise StepFailed("runtime", OSError(errno.ENOENT, str(error))) from error
    held = hold(Path(launch.runtime)) if launch.runtime else None
    packages = (Path(__file__).resolve().parent, Path(launch.guests).resolve())
    if launch.mode is Mode.USER_NAMESPACE:
        attempt("user namespace", lambda: enter_user_namespace(launch.uid, launch.gid))
    attempt("namespaces", lambda: syscalls.unshare(NAMESPACES))
    sources = mounts.open_sources(runtime, Path(launch.homes), packages)
    if launch.mode is Mode.USER_NAMESPACE:
        os.setresgid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        os.setresuid(INSIDE_ID, INSIDE_ID, INSIDE_ID)
        end_with_supervisor(connection)
    zygote = os.fork()
    if zygote:
        if held is not None:
            os.dup2(held, HELD_DESCRIPTOR)
        os.closerange(HELD_DESCRIPTOR + (held is not None), os.sysconf("SC_OPEN_MAX"))
        os.waitpid(zygote, 0)
        return
    end_with_supervisor(connection)
    become_zygote(connection, launch, runtime, sources)


def end_with_supervisor(connection: socket.socket) -> None:
    """Or with the parent between. The kernel forgets it when a process changes its ids (prctl(2))."""
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, SIGKILL)
    try:
        is_there = connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return
    if not is_there:  # it ended before we asked
        sys.exit()


def hold(folder: Path) -> int:
    """So that an environment stays while somebody runs on it. Raises StepFailed for one that is being taken away."""
    try:
        return generations.hold(folder)
    except OSError as error:
        raise StepFailed("runtime", error) from error


def enter_user_namespace(uid: int, gid: int) -> None:
    """A namespace in which this process is INSIDE_ID and has every capability, over nothing of the host's."""
    entered, told = os.pipe()
    mapped, done = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        # The map is written from outside: only there root may map another id than its own.
        os.close(told)  # or it would wait for ever where the namespace is refused, and keep everybody waiting
        if not os.read(entered, 1):
            os._exit(0)
        try:
            write_maps(parent, uid, gid)
            os.write(done, b"0")
        except OSError as error:
            os.write(done, str(error.errno).encode())
        os._exit(0)
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    os.write(told, b"!")
    os.close(done)
    number = int(os.read(mapped, 8) or b"5")
    os.wait()
    for descriptor in (entered, told, mapped):
        os.close(descriptor)
    if number:
        raise OSError(number, f"uid_map: {os.strerror(number)}")


def become_zygote(connection: socket.socket, launch: Launch, runtime: Runtime, sources: mounts.Sources) -> None:
    """Does not return: the process becomes the students' interpreter inside the template."""
    attempt("mounts", lambda: mounts.build_template(WORKSHOP, runtime, sources, launch.single_owner))
    attempt("capabilities", keep_capabilities_over_exec)
    # The C library reads it when a program starts, for its threads; the cage sets the main thread's back.
    resource.setrlimit(resource.RLIMIT_STACK, (THREAD_STACK_BYTES, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    os.dup2(connection.fileno(), ZYGOTE_DESCRIPTOR)
    os.set_inheritable(ZYGOTE_DESCRIPTOR, True)
    os.closerange(ZYGOTE_DESCRIPTOR + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir(mounts.OURS)
    place = [launch.mode, str(launch.uid), str(launch.gid), Path(launch.guests).name, launch.name]
    arguments = [runtime.interpreter, "-m", "sandbox.zygote", *place]
    os.execve(runtime.interpreter, arguments, ZYGOTE_ENVIRONMENT | runtime.environ())


# Nothing of the site's; what numeric libraries and the C library read once, at start.
ZYGOTE_ENVIRONMENT = {
    "PATH": "/opt/runtime/bin:/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


def keep_capabilities_over_exec() -> None:
    """Ambient capabilities survive exec without being root (capabilities(7))."""
    permitted = syscalls.permitted_capabilities()
    syscalls.set_capabilities(permitted, permitted, permitted)
    for capability in range(permitted.bit_length()):
        if permitted >> capability & 1:
            syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_RAISE, capability)


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    end_with_supervisor(connection)
    try:
        launch(connection, Launch.from_text(sys.argv[2]))
    except StepFailed as failure:
        refusal = Refusal(failure.step, failure.error.errno or 0, str(failure))
        wire.say(connection, "refused", refusal.as_text())


if __name__ == "__main__":
    main()

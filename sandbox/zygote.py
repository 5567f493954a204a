"""One warm interpreter from which every jail is forked. Started by launcher.py inside the template root.

Theory of operation
-------------------
supervisor   outside, asyncio, unprivileged where it can be. Owns every limit, timer and queue. Holds for each jail a
             control socket and a pidfd. It never reads what a student sent.
zygote       this process, pid 1 of its own pid namespace, with capabilities over that namespace and no other. It
             answers one request, "fork", and has one thread: a fork copies no lock that somebody holds. It never reads
             a payload, because a string it once held would be readable in every later child.
init         jail.py, pid 1 of one jail. Makes the jail's private view, forks the student, parks, adds the owner's home
             when told, gives up every capability, and reaps. When it ends the kernel kills whatever is left in there.
student      cage.py and then a guest, pid 2 of the jail. It has caged itself before it reads what it shall run.

supervisor -> zygote   "fork" with the jail's control socket, its student's orders and its cgroup descriptors; answered
                       by a pidfd
supervisor -> init     "run" with the owner; answered by "parked" before, by "exited" and "left" after, and by "broken"
                       if the jail fails
supervisor -> student  "run" with the owner, stdin, stdout, stderr and the payload; never answered, nor heard
Who may die: a student (every way there is), an init (the run fails), the zygote (the kernel kills every jail it made;
the supervisor makes a new zygote), the supervisor (the zygote's socket closes and it ends, and all with it).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import os
import signal
import socket
import sys
from pathlib import Path
from types import ModuleType

from sandbox import forks, jail, mounts, networks, seccomp, syscalls, wire
from sandbox.cage import Cage
from sandbox.identity import Mode
from sandbox.networks import Network
from sandbox.plan import Plan

CONTROL_DESCRIPTOR = 3
GUEST_PREFIX = "_ivle_guest_"

# What first programs import. Pure Python mostly: every shared library costs each fork and each exit a little.
PRELOADED = """
    collections.abc contextlib copy dataclasses datetime enum functools html itertools json linecache math operator
    os.path pathlib random re string struct textwrap threading time traceback types typing urllib.parse warnings
"""


class Zygote:
    def __init__(self, control: socket.socket, mode: Mode, uid: int, gid: int, guests: dict[str, ModuleType]) -> None:
        self.control = control
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.guests = guests
        self.networks: dict[int, Network] = {}
        self.own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.cages: dict[str, tuple[Cage, Plan]] = {}
        self.last_capability = syscalls.last_capability()

    def serve(self) -> None:
        """Until the supervisor is gone."""
        wire.say(self.control, "ready")
        while True:
            kind, text, descriptors = wire.hear(self.control)
            if not kind:
                return
            MESSAGES[kind](self, text, descriptors)

    def on_fork(self, text: str, descriptors: list[int]) -> None:
        """`text` is a network's number and a Plan; the descriptors: see jail.live."""
        number, _, plan_text = text.partition(" ")
        cage, plan = self.cages.get(plan_text) or self.make_cage(plan_text)
        if len(os.listdir("/proc/self/task")) != 1:
            raise RuntimeError("the zygote has more than one thread; forking it would copy held locks")
        try:
            network = self.network(int(number))
            # From here the next fork, and only that, is pid 1 of a new pid namespace.
            syscalls.setns(self.own_pid_namespace, syscalls.CLONE_NEWPID)
            syscalls.unshare(syscalls.CLONE_NEWPID)
            pid = forks.fork_bare()
        except OSError as error:  # the machine is out of processes, memory or namespaces; it may have more in a moment
            wire.close_all(descriptors)
            wire.say(self.control, "unforked", str(error))
            return
        if pid == 0:
            others = [other.descriptor for other in self.networks.values() if other is not network]
            wire.close_all([self.control.detach(), self.own_pid_namespace, *others])
            jail.live(descriptors, network, cage, plan, self.guests)
        wire.close_all(descriptors)
        try:
            handle = os.pidfd_open(pid)
        except OSError as error:  # out of descriptors, or it has died already
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wire.say(self.control, "unforked", str(error))
            return
        wire.say(self.control, "forked", descriptors=[handle])
        os.close(handle)

    def make_cage(self, plan_text: str) -> tuple[Cage, Plan]:
        """Once for each kind of jail: what runs between two forks costs each of them."""
        plan = Plan.from_text(plan_text)
        cage = Cage(
            limits=plan.limits,
            mode=self.mode,
            uid=self.uid,
            gid=self.gid,
            has_memory_cgroup=plan.has_memory_cgroup,
            has_pids_cgroup=plan.has_pids_cgroup,
            seccomp_filter=syscalls.SeccompFilter(
                seccomp.build_filter(syscalls.MACHINE, memory_files=plan.has_memory_cgroup)
            ),
            last_capability=self.last_capability,
        )
        self.cages[plan_text] = cage, plan
        return cage, plan

    def network(self, number: int) -> Network:
        """A network namespace of its own for jails with this number; the supervisor never gives it to two at a time."""
        if number not in self.networks:
            self.networks[number] = networks.make()
        return self.networks[number]

    def on_forget(self, text: str, descriptors: list[int]) -> None:
        """A jail was ended with its network still in use: nobody else shall find what is left in there."""
        network = self.networks.pop(int(text), None)
        if network is not None:  # none, where it could not even be made
            os.close(network.descriptor)


MESSAGES = {"fork": Zygote.on_fork, "forget": Zygote.on_forget}


def load_guests(folder: Path) -> dict[str, ModuleType]:
    """Every guest under a private name, by file: a student's own module of the same name is not hidden by ours."""
    guests = {}
    for file in sorted(folder.glob("[a-z]*.py")):
        specification = importlib.util.spec_from_file_location(GUEST_PREFIX + file.stem, file)
        if specification is None or specification.loader is None:
            raise ImportError(f"cannot load the guest {file.name}")
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        guests[file.stem] = module
    return guests


def warm_up() -> None:
    for name in PRELOADED.split():
        importlib.import_module(name)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", mounts.OURS)]
    for name in list(sys.modules):
        if name == "sandbox" or name.startswith(("sandbox.", GUEST_PREFIX)):
            del sys.modules[name]  # we hold them; to student code, `import sandbox` is a module of its own
    gc.collect()
    gc.freeze()  # a collection in a child would otherwise write to, and so copy, every page we share
    gc.disable()


def main() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps jails; whoever cares holds a pidfd
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C on the administrator's terminal is the supervisor's to handle
    os.umask(0o022)
    mode, uid, gid, guests_folder = Mode(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    control = socket.socket(fileno=CONTROL_DESCRIPTOR)
    with forks.recorded_hooks():
        guests = load_guests(Path(mounts.OURS, guests_folder))
        warm_up()
    os.chdir("/")
    for folder in os.listdir(mounts.OURS):
        syscalls.unmount(f"{mounts.OURS}/{folder}")
    syscalls.drop_bounding_set(syscalls.last_capability())
    with contextlib.suppress(BrokenPipeError):  # the supervisor is gone in mid-sentence
        Zygote(control, mode, uid, gid, guests).serve()


if __name__ == "__main__":
    main()

"""One warm interpreter from which every jail is forked. Started by launcher.py inside the template root.

Theory of operation
-------------------
supervisor   outside, asyncio, unprivileged where it can be. Owns every limit, timer and queue. Holds for each jail the
             orders of its student and a pidfd of its holder. It never reads what a student sent.
zygote       this process, pid 1 of its own pid namespace, with capabilities over that namespace and no other. Goes into
             new namespaces, makes a jail's view in them, leaves a holder and a student there, and comes back. It has
             one thread: a fork copies no lock that somebody holds. It never reads a payload, and forgets owners' names
             at once, because a string it once held would be readable in every later child.
holder       holder.py, pid 1 of one jail: the namespace lives and dies with it. Runs no Python.
student      jail.py, cage.py and then a guest, pid 2 of the jail. In its cage before it reads what it shall run.

supervisor -> zygote   "fork" with the student's orders and the doors of its control groups; answered by "forked" with
                       pidfds and the ends of what the jail was given. "home" with the owner, once there is one
zygote -> supervisor   "exited" with the status of a student; "broken" when a home could not be brought
supervisor -> student  "run" with the owner, the streams and the payload; answered by "parked" before, or "broken"
Who may die: a student (every way there is), a holder (the run fails), the zygote (the kernel kills every jail it made;
the supervisor makes a new zygote), the supervisor (the zygote's socket closes and it ends, and all with it).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from sandbox import ballast, forks, jail, mounts, networks, seccomp, syscalls, terminal, wire
from sandbox.cage import Cage, student_ids
from sandbox.holder import Holder
from sandbox.identity import Mode
from sandbox.job import NOBODYS_NAME
from sandbox.limits import Limits
from sandbox.networks import Network
from sandbox.plan import KIND_BYTES, NUMBER_BYTES, Plan

CONTROL_DESCRIPTOR = 3
HANDLE_COUNT = 2
LINKS_OF_ONE_THREAD = 3  # of /proc/self/task: its own two, and one for each thread
OWN_VIEW = "/proc/self/ns/mnt"
OWN_NAMESPACES = syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS

PREPARED_FOR = {"python": "repl"}  # zygotes that are not called as their guest is

# What first programs import. Pure Python mostly: every shared library costs each fork and each exit a little.
PRELOADED = """
    collections.abc contextlib copy dataclasses datetime enum functools html itertools json linecache math operator
    os.path pathlib random re string struct textwrap threading time traceback types typing urllib.parse warnings
"""


@dataclass
class Jail:
    number: int  # never used again
    limits: Limits
    view: int  # its mount namespace
    channel: int  # to the student, to say that its home is there

    def let_go(self) -> None:
        """At once: whoever lets go of a dead jail's view as the last waits until the kernel has taken it apart."""
        wire.close_all([self.view, self.channel])


class Zygote:
    def __init__(
        self, control: wire.Connection, mode: Mode, uid: int, gid: int, guests: dict[str, ModuleType], homes: int
    ) -> None:
        """`homes` is a view of all homes, which this process's own has not, nor any copy of it."""
        self.control = control
        self.homes = homes
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.guests = guests
        self.networks: dict[int, Network] = {}
        self.holders: dict[int, Holder] = {}
        self.own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self.own_view = hold_view()
        self.cages: dict[str, tuple[Cage, Plan]] = {}
        self.last_capability = syscalls.last_capability()
        self.homeless: dict[int, Jail] = {}  # by number
        self.handles: dict[int, tuple[int, Jail | None]] = {}  # by pidfd: a pid, and the jail if it is a student's
        self.heard = bytearray(wire.MESSAGE_MAX_BYTES)
        self.events = select.epoll()
        self.events.register(control.fileno(), select.EPOLLIN)

    def serve(self) -> None:
        """Until the supervisor is gone."""
        wire.say(self.control, "ready")
        while True:
            for descriptor, _ in self.events.poll():
                if descriptor != self.control.fileno():
                    self.bury(descriptor)
                elif not self.hear():
                    return

    def hear(self) -> bool:
        """False when the supervisor is gone."""
        count, descriptors = wire.hear_into(self.control, self.heard)
        text = memoryview(self.heard)[KIND_BYTES:count]
        if count:
            MESSAGES[self.heard[:KIND_BYTES].decode().strip()](self, text, descriptors)
            text[:] = bytes(len(text))
        return bool(count)

    def on_fork(self, text: memoryview, descriptors: list[int]) -> None:
        """`text` is the jail's number, that of its network namespace and a Plan; the descriptors are the student's
        orders and its groups' doors."""
        number, network, plan_text = str(text, "ascii").split(" ", 2)
        cage, plan = self.cages.get(plan_text) or self.make_cage(plan_text)
        if os.stat("/proc/self/task").st_nlink != LINKS_OF_ONE_THREAD:
            raise RuntimeError("the zygote has more than one thread; forking it would copy held locks")
        try:
            made, given = self.make_jail(int(number), int(network), cage, plan, descriptors)
        except OSError as error:  # the machine is out of processes, memory or namespaces; it may have more in a moment
            wire.say(self.control, "unforked", f"{number} {error}")
        else:
            self.homeless[made.number] = made
            wire.say(self.control, "forked", number, given)
            wire.close_all(given[HANDLE_COUNT:])
        finally:
            wire.close_all(descriptors)

    def make_jail(self, number: int, network: int, cage: Cage, plan: Plan, given: list[int]) -> tuple[Jail, list[int]]:
        """The new jail; and for the supervisor pidfds of its holder and its student, the end of DONE, and those of a
        console's terminal and displays."""
        orders, *doors = given
        with contextlib.ExitStack() as undo:
            self.enter_network(network)
            # From here the next child, and only that, is pid 1 of a new pid namespace.
            syscalls.setns(self.own_pid_namespace, syscalls.CLONE_NEWPID)
            undo.callback(syscalls.setns, self.own_view, syscalls.CLONE_NEWNS)
            syscalls.unshare(OWN_NAMESPACES)
            pids = [self.holder(network).start()]
            with contextlib.ExitStack() as failed:
                failed.callback(end_all, pids)
                mounts.add_private_mounts(cage.limits)
                socket.sethostname("ivle")
                owner = student_ids(cage)
                ends = [mounts.add_fifo(jail.DONE, owner)]
                failed.callback(wire.close_all, ends)
                if plan.has_terminal:
                    ends += terminal.open_ends(owner)
                ours = [hold_view()]
                failed.callback(wire.close_all, ours)
                theirs, channel = os.pipe()  # not a socket: that would be seen in the jail's network namespace
                ours += [channel, theirs]
                pids.append(forks.fork())
                if pids[1] == 0:
                    jail.live(orders, theirs, doors, cage, plan, self.guests)
                handles = [os.pidfd_open(pid) for pid in pids]
                failed.pop_all()
        os.close(theirs)
        made = Jail(number, cage.limits, ours[0], channel)
        for handle, pid, jail_of_student in zip(handles, pids, (None, made), strict=True):
            self.handles[handle] = pid, jail_of_student
            self.events.register(handle, select.EPOLLIN)
        return made, handles + ends

    def holder(self, network: int) -> Holder:
        if network not in self.holders:
            self.holders[network] = Holder()
        return self.holders[network]

    def bury(self, handle: int) -> None:
        """A student or a holder has ended. Its namespace is not over before we have taken note of it (wait(2))."""
        pid, made = self.handles.pop(handle)
        self.events.unregister(handle)
        os.close(handle)
        _, status = os.waitpid(pid, 0)
        if made is not None:
            if self.homeless.pop(made.number, None) is not None:
                made.let_go()
            wire.say(self.control, "exited", f"{made.number} {status}")

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
            fifos=(jail.DONE, terminal.DISPLAY) if plan.has_terminal else (jail.DONE,),
        )
        self.cages[plan_text] = cage, plan
        return cage, plan

    def enter_network(self, number: int) -> None:
        """The namespace with this number, which no two live jails share: the last one's, where that left no trace."""
        known = self.networks.pop(number, None)
        if known is not None:
            syscalls.setns(known.descriptor, syscalls.CLONE_NEWNET)
            if networks.traces() != known.fresh:
                os.close(known.descriptor)
                known = None
        self.networks[number] = known or networks.make()

    def on_home(self, text: memoryview, descriptors: list[int]) -> None:
        """The jail with this number has got an owner, whose home it shall have."""
        number = int(text[:NUMBER_BYTES])
        made = self.homeless.pop(number, None)
        if made is None:
            return  # it is over already
        try:
            self.bring_home(made, text[NUMBER_BYTES:])
        except OSError as error:
            wire.say(self.control, "broken", f"{number} the home is not there: {error.strerror}")
        finally:
            made.let_go()

    def bring_home(self, made: Jail, owner: memoryview) -> None:
        """An empty one, where there is no owner."""
        try:
            if owner:
                syscalls.setns(self.homes, syscalls.CLONE_NEWNS)
                with mounts.detached_home(owner) as home:
                    syscalls.setns(made.view, syscalls.CLONE_NEWNS)
                    mounts.add_home(home, owner)
            else:
                syscalls.setns(made.view, syscalls.CLONE_NEWNS)
                mounts.add_empty_home(NOBODYS_NAME, made.limits)
            with contextlib.suppress(BrokenPipeError):  # it has been killed meanwhile
                os.write(made.channel, jail.AT_HOME)
        finally:
            syscalls.setns(self.own_view, syscalls.CLONE_NEWNS)

    def on_forget(self, text: memoryview, descriptors: list[int]) -> None:
        """A jail was ended with its network still in use: nobody else shall find what is left in there."""
        number = int(text)
        self.holders.pop(number, None)  # that one is dead, and the number is not used again
        network = self.networks.pop(number, None)
        if network is not None:  # none, where it could not even be made
            os.close(network.descriptor)


def end_all(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in reversed(pids):  # a namespace is not over before all in it have been taken note of
        os.waitpid(pid, 0)


MESSAGES = {"fork": Zygote.on_fork, "home": Zygote.on_home, "forget": Zygote.on_forget}


def hold_view() -> int:
    """A descriptor of the mount namespace that this process is in."""
    return os.open(OWN_VIEW, os.O_RDONLY | os.O_CLOEXEC)


def leave_homes() -> int:
    """From here no home is in this process's view, or in any that is made of it. A view that has them is returned."""
    homes = hold_view()
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.unmount(mounts.HOMES)
    return homes


def load_guests(folder: str) -> dict[str, ModuleType]:
    """Those of a package's modules that can be run, by name."""
    names = sorted(file.stem for file in Path(mounts.OURS, folder).glob("[a-z]*.py"))
    modules = {name: importlib.import_module(f"{folder}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def warm_up(guest: ModuleType | None, ours: set[str]) -> None:
    """`guest` is the one that this zygote is for, where there is one of its own; `ours` are our packages."""
    for name in PRELOADED.split():
        importlib.import_module(name)
    if guest is not None:
        guest.prepare()
    sys.path[:] = [entry for entry in sys.path if entry not in ("", mounts.OURS)] + [mounts.IMPORTABLE]
    for name in list(sys.modules):
        if name.partition(".")[0] in ours:
            del sys.modules[name]  # we hold them; to student code, `import sandbox` is a module of its own
    gc.collect()
    ballast.fill()
    gc.freeze()  # a collection in a child would otherwise write to, and so copy, every page we share
    gc.disable()


def hear_no_signal() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C on the administrator's terminal is the supervisor's to handle


def main() -> None:
    hear_no_signal()
    os.umask(0o022)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # no student looks into this memory, which its holder shares
    mode, uid, gid, guests_folder, name = Mode(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:6]
    control = wire.bare(CONTROL_DESCRIPTOR)
    with forks.recorded_hooks():
        guests = load_guests(guests_folder)
        warm_up(guests.get(PREPARED_FOR.get(name, name)), set(os.listdir(mounts.OURS)))
    hear_no_signal()  # readline, for one, has set a handler, which holders would run in the memory they share with us
    os.chdir("/")
    for folder in os.listdir(mounts.OURS):
        syscalls.unmount(f"{mounts.OURS}/{folder}")
    syscalls.drop_bounding_set(syscalls.last_capability())
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the supervisor is gone in mid-sentence
        Zygote(control, mode, uid, gid, guests, leave_homes()).serve()


if __name__ == "__main__":
    main()

"""Control groups: exact CPU of a whole process tree, its memory and its number of processes, by version 2 or version 1.

`find_cgroups` asks once what this machine gives us; `Cgroups.take` gives the folders of one jail, used again where they
are as good as new: making and removing them costs more than anything else the supervisor does. The student joins them
itself, by the doors that are opened here.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.limits import MIB, Limits

ROOT = Path("/sys/fs/cgroup")
ASIDE = "supervisor"  # the group we move to where jails' groups are to be our siblings
UNIFIED = "unified"  # the key of version 2 among the controllers of version 1
DOOR_FLAGS = os.O_WRONLY | os.O_CLOEXEC
# Whoever joins by `cgroup.procs` waits for every processor, and meanwhile no process of the machine can fork or end.
# A process of one thread that writes "0" to `tasks` waits for nobody; version 2 has no such door.
DOOR_OF_VERSION1, DOOR_OF_VERSION2 = "tasks", "cgroup.procs"
COUNTER_MAX_BYTES = 4096
IDLE_MAX = 64
JAILS, PEOPLE = "jail-*", "person-*"
FORGIVEN_MEMORY_BYTES = 8 * MIB  # what a jail may leave charged to its group, mostly names and small files in memory
SHARES_MAX = 262_144  # of version 1
SHARES_OF_A_PROCESS = 1024  # on each processor all people together are one beside the site's own
WEIGHT_MAX = 10_000  # of version 2
NANOSECONDS, MICROSECONDS = 1e-9, 1e-6


@dataclass
class Cgroups:
    """Where each kind of counting happens: a folder in which jails' own folders are made, or None."""

    version2: Path | None = None
    version2_controllers: frozenset[str] = frozenset()
    version1: dict[str, Path] = field(default_factory=dict)  # of cpuacct, memory, pids
    people: Path | None = None  # in which groups of people are made: of version 1's cpu, where that stands alone
    waiting: int | None = None  # the door of the group there for jails that are nobody's yet
    weight: tuple[str, str] | None = None  # else the controller and file by which jails share the processors
    idle: dict[Limits, list[JailGroup]] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=itertools.count)

    @property
    def counts_cpu(self) -> bool:
        return self.version2 is not None or "cpuacct" in self.version1

    @property
    def counts_memory(self) -> bool:
        return "memory" in self.version2_controllers or "memory" in self.version1

    @property
    def counts_processes(self) -> bool:
        return "pids" in self.version2_controllers or "pids" in self.version1

    @property
    def memory_group(self) -> Path | None:
        """In which the supervisor and all jails are."""
        folder = self.version2 if "memory" in self.version2_controllers else self.version1.get("memory")
        return None if folder is None else folder.parent

    def take(self, limits: Limits) -> JailGroup:
        """A group without processes and with these limits. Raises OSError; nothing is left behind then.

        Whoever makes a jail waits for it: until it is somebody's, nobody has more of the processors.
        """
        group = self.find(limits)
        group.weigh(WEIGHT_MAX if self.version2 is not None else SHARES_MAX)
        return group

    def find(self, limits: Limits) -> JailGroup:
        idle = self.idle.get(limits)
        if idle:
            group = idle.pop()
            group.begin()
            return group
        name = f"jail-{next(self.names)}"
        folders = {controller: folder / name for controller, folder in self.version1.items()}
        if self.version2 is not None:
            folders[UNIFIED] = self.version2 / name
        try:
            for folder in folders.values():
                folder.mkdir()
            self.write_limits(folders, limits)
            return JailGroup(folders, limits, self.weight)
        except OSError:
            remove_folders(folders.values())
            raise

    def give_back(self, group: JailGroup) -> bool:
        """Its processes are dead. False while the kernel still holds one of its folders: try again soon."""
        if group.is_as_new() and sum(map(len, self.idle.values())) < IDLE_MAX:
            self.idle.setdefault(group.limits, []).append(group)
            return True
        group.close()
        return remove_folders(group.folders.values())

    def write_limits(self, folders: dict[str, Path], limits: Limits) -> None:
        memory, processes = str(limits.memory_bytes), str(limits.processes)
        if "memory" in self.version2_controllers:
            write(folders[UNIFIED] / "memory.max", memory)
            write_if_there(folders[UNIFIED] / "memory.swap.max", "0")
            write_if_there(folders[UNIFIED] / "memory.oom.group", "1")
        if "pids" in self.version2_controllers:
            write(folders[UNIFIED] / "pids.max", processes)
        if "memory" in folders:
            write(folders["memory"] / "memory.limit_in_bytes", memory)
            write_if_there(folders["memory"] / "memory.memsw.limit_in_bytes", memory)
        if "pids" in folders:
            write(folders["pids"] / "pids.max", processes)

    def close(self) -> None:
        """Remove every folder, those of an ended supervisor's jails included."""
        if self.waiting is not None:
            os.close(self.waiting)
        for group in itertools.chain.from_iterable(self.idle.values()):
            group.close()
        for parent in [*self.version1.values(), self.version2, self.people]:
            if parent is not None:
                remove_folders([*parent.glob(JAILS), *parent.glob(PEOPLE), parent])


class JailGroup:
    """The folders of one jail at a time, with its counters held open."""

    def __init__(self, folders: dict[str, Path], limits: Limits, weight: tuple[str, str] | None = None) -> None:
        self.folders = folders
        self.limits = limits
        self.kills_before = 0
        self.doors: list[int] = []  # whoever writes "0" to one joins
        self.counters: dict[str, int] = {}
        self.weight: int | None = None
        try:
            if weight is not None:
                self.weight = os.open(folders[weight[0]] / weight[1], os.O_WRONLY | os.O_CLOEXEC)
            for controller, folder in folders.items():
                door = DOOR_OF_VERSION2 if controller == UNIFIED else DOOR_OF_VERSION1
                self.doors.append(os.open(folder / door, DOOR_FLAGS))
            for counter, descriptor in open_counters(folders):
                self.counters[counter] = descriptor
        except OSError:
            self.close()
            raise

    def begin(self) -> None:
        """Count anew for the next jail."""
        self.kills_before += self.memory_kills()
        if "memory" in self.folders:
            write(self.folders["memory"] / "memory.max_usage_in_bytes", "0")

    def is_as_new(self) -> bool:
        """Nothing worth mentioning is still charged to it. Version 2 cannot forget the peak, so there never."""
        return "memory" in self.folders and (self.memory_bytes() or 0) <= FORGIVEN_MEMORY_BYTES

    def cpu_seconds(self) -> float:
        unified = self.read("cpu.stat")
        if unified is not None:
            return float(statistic(unified, "usage_usec")) * MICROSECONDS
        return int(self.read("cpuacct.usage") or 0) * NANOSECONDS

    def memory_bytes(self) -> int | None:
        usage = self.read("usage")
        return None if usage is None else int(usage)

    def processes(self) -> int | None:
        """Threads as well."""
        processes = self.read("processes")
        return None if processes is None else int(processes)

    def weigh(self, weight: int) -> None:
        """How much of the processors it gets beside others, where it has a weight of its own."""
        if self.weight is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self.weight, str(weight).encode(), 0)

    def peak_memory_bytes(self) -> int | None:
        peak = self.read("peak")
        return None if peak is None else int(peak)

    def memory_kills(self) -> int:
        """How many processes the kernel ended in this jail because the memory was used up."""
        events = self.read("events")
        return 0 if events is None else statistic(events, "oom_kill") - self.kills_before

    def read(self, counter: str) -> str | None:
        """None where there is no such counter, or no such group any more."""
        descriptor = self.counters.get(counter)
        with contextlib.suppress(OSError):
            return None if descriptor is None else os.pread(descriptor, COUNTER_MAX_BYTES, 0).decode()
        return None

    def close(self) -> None:
        for descriptor in [*self.doors, *self.counters.values(), self.weight]:
            if descriptor is not None:
                os.close(descriptor)
        self.doors, self.counters, self.weight = [], {}, None


# What a counter is called here: the file's name by controller, UNIFIED for version 2.
COUNTERS = {
    "cpu.stat": {UNIFIED: "cpu.stat"},
    "cpuacct.usage": {"cpuacct": "cpuacct.usage"},
    "peak": {UNIFIED: "memory.peak", "memory": "memory.max_usage_in_bytes"},
    "events": {UNIFIED: "memory.events", "memory": "memory.oom_control"},
    "usage": {UNIFIED: "memory.current", "memory": "memory.usage_in_bytes"},
    "processes": {UNIFIED: "pids.current", "pids": "pids.current"},
}


def open_counters(folders: dict[str, Path]) -> Iterator[tuple[str, int]]:
    for counter, files in COUNTERS.items():
        for controller, name in files.items():
            file = folders[controller] / name if controller in folders else None
            if file is not None and file.exists():
                yield counter, os.open(file, os.O_RDONLY | os.O_CLOEXEC)
                break


def find_cgroups(root: Path = ROOT) -> Cgroups:
    """What this process may use. Makes one folder per hierarchy for all jails of this supervisor."""
    own = own_groups()
    version1 = {}
    version2, controllers = None, frozenset[str]()
    for mount in (root / "unified", root):
        if version2 is None and (mount / "cgroup.controllers").exists():
            version2, controllers = claim_version2(mount / own.get("", "").lstrip("/"))
    for controller in {"cpuacct", "memory", "pids"} - controllers:
        if controller == "cpuacct" and controllers:
            continue
        parent = root / controller / own.get(controller, "").lstrip("/")
        with contextlib.suppress(OSError):
            version1[controller] = make_folder(parent)
    if version2 is not None and "cpuacct" in version1:  # all that version 2 has here, and version 1's door is better
        remove_folders([version2])
        version2 = None
    cgroups = Cgroups(version2, controllers, version1)
    if "cpu" in controllers:
        cgroups.weight = UNIFIED, "cpu.weight"
    elif (root / "cpu").resolve() == (root / "cpuacct").resolve():
        cgroups.weight = ("cpuacct", "cpu.shares") if "cpuacct" in version1 else None
    else:
        with contextlib.suppress(OSError):
            people = make_folder(root / "cpu" / own.get("cpu", "").lstrip("/"))
            write_if_there(people / "cpu.shares", str(SHARES_OF_A_PROCESS * len(os.sched_getaffinity(0))))
            cgroups.waiting = make_waiting(people)
            cgroups.people = people
    return cgroups


def make_waiting(people: Path) -> int:
    """A group from which people's are seen as neighbours, and not where on the machine they are: the jails' namespaces
    of control groups begin there. It is weighed more than anybody's, as whoever makes a jail waits for it."""
    folder = people / PEOPLE.replace("*", "waiting")
    folder.mkdir()
    door = os.open(folder / DOOR_OF_VERSION1, DOOR_FLAGS)
    try:
        write(folder / "cpu.shares", str(SHARES_MAX))
    except OSError:
        os.close(door)
        raise
    return door


def own_groups() -> dict[str, str]:
    """This process's group by version 1 controller, and under "" that of version 2 (cgroups(7))."""
    groups = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups


def claim_version2(own: Path) -> tuple[Path | None, frozenset[str]]:
    """A folder for jails below our own group, and the controllers it has.

    A group with processes cannot give controllers to its children, so on a delegated group we first move aside.
    """
    if own.name == ASIDE:  # an earlier supervisor has moved us
        own = own.parent
    try:
        if (own / "cgroup.type").exists():  # not the root group, which may have both
            aside = own / ASIDE
            aside.mkdir(exist_ok=True)
            for pid in (own / "cgroup.procs").read_text().split():
                write(aside / "cgroup.procs", pid)
        folder = make_folder(own)
    except OSError:
        return None, frozenset()
    controllers = set()
    for controller in ("memory", "pids", "cpu"):
        with contextlib.suppress(OSError):
            write(own / "cgroup.subtree_control", f"+{controller}")
            write(folder / "cgroup.subtree_control", f"+{controller}")
            controllers.add(controller)
    return folder, frozenset(controllers)


def make_folder(parent: Path) -> Path:
    """For the jails of this supervisor. Those of supervisors that are no more are removed."""
    for left in parent.glob("ivle-*"):
        owner = left.name.removeprefix("ivle-")
        if owner == str(os.getpid()) or not Path("/proc", owner).exists():
            remove_folders([*left.glob(JAILS), *left.glob(PEOPLE), left])
    folder = parent / f"ivle-{os.getpid()}"
    folder.mkdir()
    return folder


def remove_folders(folders: Iterable[Path]) -> bool:
    """False while the kernel still holds one: processes are dying in it."""
    gone = True
    for folder in folders:
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            gone = False
    return gone


def statistic(text: str, name: str) -> int:
    """From lines of names and numbers."""
    return next(int(value) for key, _, value in (line.partition(" ") for line in text.splitlines()) if key == name)


def write(file: Path, text: str) -> None:
    # One write(2), unbuffered: the kernel takes each as a whole command.
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def write_if_there(file: Path, text: str) -> None:
    if file.exists():
        write(file, text)

"""Control groups: exact CPU of a whole process tree, its memory and its number of processes, by version 2 or version 1.

`find_cgroups` asks once what this machine gives us; `Cgroups.create` makes the folders of one jail. Init joins them
itself, by descriptors opened here: a join waits for every processor and would stall the supervisor.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")
UNLIMITED = "max"
NANOSECONDS, MICROSECONDS = 1e-9, 1e-6


@dataclass(frozen=True)
class Cgroups:
    """Where each kind of counting happens: a folder in which jails' own folders are made, or None."""

    version2: Path | None = None
    version2_controllers: frozenset[str] = frozenset()
    version1: dict[str, Path] = field(default_factory=dict)  # of cpuacct, memory, pids

    @property
    def counts_cpu(self) -> bool:
        return self.version2 is not None or "cpuacct" in self.version1

    @property
    def counts_memory(self) -> bool:
        return "memory" in self.version2_controllers or "memory" in self.version1

    @property
    def counts_processes(self) -> bool:
        return "pids" in self.version2_controllers or "pids" in self.version1

    def create(self, name: str, limits: Limits) -> JailGroup:
        """Raises OSError; nothing is left behind then."""
        group = JailGroup(
            self.version2 / name if self.version2 else None,
            {controller: folder / name for controller, folder in self.version1.items()},
        )
        try:
            for folder in group.folders():
                folder.mkdir()
            self.write_limits(group, limits)
        except OSError:
            group.remove()
            raise
        return group

    def write_limits(self, group: JailGroup, limits: Limits) -> None:
        memory, processes = str(limits.memory_bytes), str(limits.processes + 1)  # init is in the group too
        if group.version2 is not None:
            if "memory" in self.version2_controllers:
                write(group.version2 / "memory.max", memory)
                write_if_there(group.version2 / "memory.swap.max", "0")
                write_if_there(group.version2 / "memory.oom.group", "1")
            if "pids" in self.version2_controllers:
                write(group.version2 / "pids.max", processes)
        if "memory" in group.version1:
            write(group.version1["memory"] / "memory.limit_in_bytes", memory)
            write_if_there(group.version1["memory"] / "memory.memsw.limit_in_bytes", memory)
        if "pids" in group.version1:
            write(group.version1["pids"] / "pids.max", processes)

    def sweep(self) -> None:
        """Remove what jails of an ended supervisor left in our folders."""
        for parent in [self.version2, *self.version1.values()]:
            for folder in parent.glob("jail-*") if parent else ():
                with contextlib.suppress(OSError):
                    folder.rmdir()


@dataclass(frozen=True)
class JailGroup:
    version2: Path | None
    version1: dict[str, Path]

    def folders(self) -> list[Path]:
        return [*([self.version2] if self.version2 else []), *self.version1.values()]

    def open_doors(self) -> list[int]:
        """Descriptors by which a process that writes "0" joins. The caller's to close."""
        doors: list[int] = []
        try:
            for folder in self.folders():
                doors.append(os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
        except OSError:
            for door in doors:
                os.close(door)
            raise
        return doors

    def cpu_seconds(self) -> float:
        if self.version2 is not None:
            return float(statistic(self.version2 / "cpu.stat", "usage_usec")) * MICROSECONDS
        return int((self.version1["cpuacct"] / "cpuacct.usage").read_text()) * NANOSECONDS

    def peak_memory_bytes(self) -> int | None:
        for folder, name in (
            (self.version2, "memory.peak"),
            (self.version1.get("memory"), "memory.max_usage_in_bytes"),
        ):
            with contextlib.suppress(OSError):
                if folder is not None:
                    return int((folder / name).read_text())
        return None

    def memory_kills(self) -> int:
        """How many processes the kernel ended here because the memory was used up."""
        for folder, name in ((self.version2, "memory.events"), (self.version1.get("memory"), "memory.oom_control")):
            with contextlib.suppress(OSError):
                if folder is not None:
                    return statistic(folder / name, "oom_kill")
        return 0

    def remove(self) -> bool:
        """False while the kernel still holds a folder: processes are dying in it, try again soon."""
        gone = True
        for folder in self.folders():
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone


def find_cgroups(root: Path = ROOT) -> Cgroups:
    """What this process may use. Makes one folder per hierarchy for all jails of this supervisor."""
    own = own_groups()
    version1 = {}
    version2, controllers = None, frozenset[str]()
    for mount in (root / "unified", root):
        if version2 is None and (mount / "cgroup.controllers").exists():
            version2, controllers = claim_version2(mount / own.get("", "").lstrip("/"))
    for controller in {"cpuacct", "memory", "pids"} - controllers:
        if controller == "cpuacct" and version2 is not None:
            continue
        parent = root / controller / own.get(controller, "").lstrip("/")
        with contextlib.suppress(OSError):
            version1[controller] = make_folder(parent)
    return Cgroups(version2, controllers, version1)


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
    try:
        if (own / "cgroup.type").exists():  # not the root group, which may have both
            aside = own / "supervisor"
            aside.mkdir(exist_ok=True)
            for pid in (own / "cgroup.procs").read_text().split():
                write(aside / "cgroup.procs", pid)
        folder = make_folder(own)
    except OSError:
        return None, frozenset()
    controllers = set()
    for controller in ("memory", "pids"):
        with contextlib.suppress(OSError):
            write(own / "cgroup.subtree_control", f"+{controller}")
            write(folder / "cgroup.subtree_control", f"+{controller}")
            controllers.add(controller)
    return folder, frozenset(controllers)


def make_folder(parent: Path) -> Path:
    folder = parent / f"ivle-{os.getpid()}"
    folder.mkdir()
    return folder


def remove_folders(cgroups: Cgroups) -> None:
    cgroups.sweep()
    for folder in [cgroups.version2, *cgroups.version1.values()]:
        with contextlib.suppress(OSError):
            if folder is not None:
                folder.rmdir()


def statistic(file: Path, name: str) -> int:
    return next(int(value) for key, value in fields(file.read_text().splitlines()) if key == name)


def fields(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        key, _, value = line.partition(" ")
        yield key, value


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

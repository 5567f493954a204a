"""What a supervisor and everything below it hold at one moment, counted from outside. Used by endurance.py."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import ClassVar

import psutil

PROC = Path("/proc")
CGROUP_ROOT = Path("/sys/fs/cgroup")
LAUNCHER = "sandbox.launcher"


@dataclass(frozen=True)
class Footprint:
    NAMES: ClassVar = (
        "processes",
        "descriptors",
        "mounts",
        "cgroup folders",
        "supervisor KiB",
        "zygotes KiB",
    )

    processes: int  # the supervisor and all its descendants, parked spares included
    descriptors: int  # of all those
    mounts: int  # of every mount namespace among them, and of our own
    cgroup_folders: int
    supervisor_kib: int  # memory that is its alone
    zygotes_kib: int  # resident, shared or not: what a zygote leaks, all its children have too

    def values(self) -> tuple[int, ...]:
        return astuple(self)

    def counts(self) -> tuple[int, ...]:
        """Everything but memory."""
        return self.values()[:4]

    def holds_no_more_than(self, other: Footprint) -> bool:
        return all(ours <= theirs for ours, theirs in zip(self.counts(), other.counts(), strict=True))


def look(supervisor: int) -> Footprint:
    """Processes that end while we look are left out."""
    root = psutil.Process(supervisor)
    processes = [root, *root.children(recursive=True)]
    pids = [process.pid for process in processes]
    return Footprint(
        processes=len(processes),
        descriptors=sum(len(entries(pid, "fd")) for pid in pids),
        mounts=count_mounts([*pids, psutil.Process().pid]),
        cgroup_folders=count_cgroup_folders(supervisor),
        supervisor_kib=root.memory_full_info().uss // 1024,
        zygotes_kib=sum(process.memory_info().rss for process in zygotes(processes)) // 1024,
    )


def entries(pid: int, name: str) -> list[Path]:
    with contextlib.suppress(OSError):
        return list((PROC / str(pid) / name).iterdir())
    return []


def zygotes(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """The launchers' children; jails are the zygotes' children, or orphans that the supervisor's own init inherited."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = process.parent()
            if parent and LAUNCHER in parent.cmdline() and LAUNCHER not in process.cmdline():
                found.append(process)
    return found


def count_mounts(pids: Iterable[int]) -> int:
    """Each mount namespace once."""
    namespaces: dict[str, int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            name = str((PROC / str(pid) / "ns" / "mnt").readlink())
            namespaces.setdefault(name, len((PROC / str(pid) / "mountinfo").read_bytes().splitlines()))
    return sum(namespaces.values())


def count_cgroup_folders(supervisor: int) -> int:
    """In every hierarchy, below the folder that the supervisor made for its jails."""
    return sum(1 for own in CGROUP_ROOT.rglob(f"ivle-{supervisor}") for folder in own.rglob("*") if folder.is_dir())

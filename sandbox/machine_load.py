"""How busy this machine is, as the kernel says: its load, and the memory that programs can still have."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from sandbox.cgroups import statistic

MEMINFO, LOADAVG = Path("/proc/meminfo"), Path("/proc/loadavg")
# Limit, what is used of it, and what of that the kernel gives up when it is asked to; of version 2, then of version 1.
GROUP_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
FILE_MAX_BYTES = 64 * 1024


class KernelFile:
    """Held open, so that it is read where there are no descriptors left. Where it cannot be, it is as it was last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""
        self.descriptor = -1
        self.read()

    def read(self) -> str:
        with contextlib.suppress(OSError):
            if self.descriptor < 0:
                self.descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            self.text = os.pread(self.descriptor, FILE_MAX_BYTES, 0).decode("ascii")
        return self.text

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class GroupRoom:
    """What a memory group's limit leaves."""

    def __init__(self, group: Path) -> None:
        version = next((files for files in GROUP_FILES if (group / files[0]).exists()), GROUP_FILES[0])
        self.limit, self.used, self.reclaimable = version
        self.files = {name: KernelFile(group / name) for name in (self.limit, self.used, "memory.stat")}

    def left_bytes(self) -> int | None:
        """None where it has no limit."""
        limit, used, statistics = (file.read() for file in self.files.values())
        with contextlib.suppress(ValueError, StopIteration):  # "max" is no number
            return max(0, int(limit) - int(used) + statistic(statistics, self.reclaimable))
        return None

    def close(self) -> None:
        for file in self.files.values():
            file.close()


class MachineLoad:
    """`groups` are the memory groups that this process is in, whose limits hold as the machine's own does."""

    def __init__(self, groups: Sequence[Path] = (), meminfo: Path = MEMINFO, loadavg: Path = LOADAVG) -> None:
        self.groups = [GroupRoom(group) for group in groups]
        self.meminfo, self.loadavg = KernelFile(meminfo), KernelFile(loadavg)

    def memory_available_bytes(self) -> int:
        """What programs can have without anything being swapped out (proc(5), MemAvailable)."""
        left = [left for group in self.groups if (left := group.left_bytes()) is not None]
        return min([stated_bytes(self.meminfo.read(), "MemAvailable"), *left])

    def load(self) -> float:
        """Processes that run or wait for a processor, on average of the last minute."""
        return float(next(iter(self.loadavg.read().split()), 0.0))

    def close(self) -> None:
        self.meminfo.close()
        self.loadavg.close()
        for group in self.groups:
            group.close()


def stated_bytes(meminfo: str, wanted: str) -> int:
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        if name == wanted:
            return int(rest.split()[0]) * 1024
    return 0


def limiting_groups(group: Path | None) -> list[Path]:
    """It and those above it that limit memory."""
    if group is None:
        return []
    found = []
    for folder in (group, *group.parents):
        with contextlib.closing(GroupRoom(folder)) as room:
            if room.left_bytes() is not None:
                found.append(folder)
    return found

"""What a console that waits at its prompt takes of the machine's memory, everything counted. Used by console.py.

The difference between some consoles, each with its page, and none, divided by their number. The sum of all processes'
proportional memory (PSS) misses what the kernel keeps for them; control groups tell that for jails. The fall of the
machine's available memory misses nothing, and has everybody else's noise in it: it is printed beside.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.console_crowd import opened
from bench.console_site import supervisor_of
from bench.console_timings import Side, prompted
from bench.footprint import CGROUP_ROOT
from bench.server import NotStarted

SETTLING_SECONDS = 3.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    processes: int
    kernel: int
    unavailable: int

    def each(self, before: Memory, consoles: int) -> tuple[float, float, float]:
        """MiB a console: of the processes, of the kernel for them, and what the machine has less."""
        pairs = zip(vars(self).values(), vars(before).values(), strict=True)
        processes, kernel, unavailable = ((now - then) / consoles / MIB for now, then in pairs)
        return processes, kernel, unavailable


def each_idle(side: Side, kind: str, consoles: int) -> tuple[float, float, float]:
    """As Memory.each. One console of the kind has been there before, so that what they share is there before, too."""
    with prompted(side, kind):
        pass
    time.sleep(SETTLING_SECONDS)
    before = look(side.pid)
    with contextlib.ExitStack() as stack:
        for _ in range(consoles):
            opened(side, stack, kind)
        time.sleep(SETTLING_SECONDS)
        return look(side.pid).each(before, consoles)


def look(root: int) -> Memory:
    """Of the process and all its descendants; those that end meanwhile are left out."""
    processes = 0
    for process in [psutil.Process(root), *psutil.Process(root).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            processes += process.memory_full_info().pss
    memory = psutil.virtual_memory()
    return Memory(processes, kernel_memory(root), memory.total - memory.available)


def kernel_memory(site: int) -> int:
    """In the control groups of our jails; 0 for who has none."""
    with contextlib.suppress(NotStarted, psutil.NoSuchProcess):
        own = f"ivle-{supervisor_of(site)}"
        return sum(kernel_of(group) for parent in CGROUP_ROOT.rglob(own) for group in parent.iterdir())
    return 0


def kernel_of(group: Path) -> int:
    with contextlib.suppress(OSError, ValueError):
        return int((group / "memory.kmem.usage_in_bytes").read_text())
    with contextlib.suppress(OSError, ValueError):
        lines = (group / "memory.stat").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("kernel ")))
    return 0

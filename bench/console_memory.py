"""What a console that waits at its prompt takes of the machine's memory, everything counted. Used by console.py.

The difference between some consoles, each with its page, and none, divided by their number. The sum of all processes'
proportional memory (PSS) misses what the kernel keeps for them: their page tables and what the control groups of jails
tell are added. The fall of the machine's available memory misses nothing, and has everybody else's noise in it: it is
printed beside.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.console_crowd import opened
from bench.console_site import supervisor_of
from bench.console_timings import Side, prompted
from bench.footprint import CGROUP_ROOT
from bench.server import NotStarted
from sandbox.syscall_table import REFUSED

SETTLING_SECONDS = 3.0
MIB = 1024 * 1024
SAME_MEMORY = 1  # KCMP_VM of linux/kcmp.h
LIBC = ctypes.CDLL(None)


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
    processes = tables = 0
    for process in [psutil.Process(root), *psutil.Process(root).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess, OSError):
            if not shares_memory(process.pid, process.ppid()):
                processes += process.memory_full_info().pss
                tables += page_tables_of(process.pid)
    memory = psutil.virtual_memory()
    return Memory(processes, tables + kernel_memory(root), memory.total - memory.available)


def shares_memory(one: int, other: int) -> bool:
    """The same address space (kcmp(2)), as the holder of a jail has its zygote's: it must not be counted twice."""
    call = REFUSED[platform.machine()]["kcmp"]
    return int(LIBC.syscall(*map(ctypes.c_long, (call, one, other, SAME_MEMORY, 0, 0)))) == 0


def page_tables_of(pid: int) -> int:
    """In bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmPTE:"):
            return int(line.split()[1]) * 1024
    return 0


def kernel_memory(site: int) -> int:
    """In the control groups of our jails; 0 for who has none. Some of their page tables are in there as well."""
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

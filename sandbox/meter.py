"""How much CPU a jail has used, all its processes together. Four ways behind one `Meter`, in order of trust.

CPU that a parked jail spent on being made is not the program's: a meter counts from `start`, when it has parked.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from sandbox.cgroups import JailGroup

CLOCK_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.02
FINEST_SECONDS = 0.003
CORES = len(os.sched_getaffinity(0))


class Tier(StrEnum):
    CGROUP_2 = "control groups, version 2"
    CGROUP_1 = "control groups, version 1"
    PERF = "perf counters"
    SAMPLING = "sampling"


class Meter(Protocol):
    def start(self) -> None: ...
    def cpu_seconds(self) -> float: ...
    def close(self) -> None: ...

    longest_pause_seconds: float  # between two readings, lest something go unseen


class CgroupMeter:
    """Exact: counts processes nobody waited for and those killed with the jail."""

    longest_pause_seconds = float("inf")

    def __init__(self, group: JailGroup) -> None:
        self.group = group
        self.before = 0.0

    def start(self) -> None:
        self.before = self.group.cpu_seconds()

    def cpu_seconds(self) -> float:
        return self.group.cpu_seconds() - self.before

    def close(self) -> None:
        """The group is its jail's to remove."""


class PerfMeter:
    """As exact, by a counter that the student opened on itself and that all it forks inherits (perf_event_open(2))."""

    longest_pause_seconds = float("inf")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.before = 0.0

    def start(self) -> None:
        self.before = self.read()

    def read(self) -> float:
        (nanoseconds,) = struct.unpack("=Q", os.read(self.descriptor, 8))
        return float(nanoseconds) * 1e-9

    def cpu_seconds(self) -> float:
        return self.read() - self.before

    def close(self) -> None:
        os.close(self.descriptor)


class SamplingMeter:
    """Adds up /proc at short intervals: right for loops and ordinary children, blind to a storm of very short ones."""

    longest_pause_seconds = SAMPLE_SECONDS

    def __init__(self, roots: Sequence[int]) -> None:
        """`roots` are the pids of the student, and of pid 1 of the jail, to which orphans go."""
        self.roots = roots
        self.before = 0.0
        self.most = 0.0
        self.own_by_pid: dict[int, float] = {}

    def start(self) -> None:
        self.before = self.total()

    def total(self) -> float:
        """What every process ever seen used, or what the living used with all they waited for, whichever is more."""
        own, waited = 0.0, 0.0
        for pid, seconds, seconds_of_waited in tree_cpu_seconds(self.roots):
            self.own_by_pid[pid] = seconds
            own += seconds
            waited += seconds_of_waited
        self.most = max(self.most, own + waited, sum(self.own_by_pid.values()))
        return self.most

    def cpu_seconds(self) -> float:
        return self.total() - self.before

    def close(self) -> None:
        """Nothing is held open between samples."""


def tree_cpu_seconds(roots: Sequence[int]) -> list[tuple[int, float, float]]:
    """Pid, own CPU seconds and those of children waited for, from `roots` down (proc(5), stat fields 14 to 17)."""
    found: list[tuple[int, float, float]] = []
    waiting = list(roots)
    while waiting:
        current = waiting.pop()
        try:
            with open(f"/proc/{current}/stat", "rb") as file:
                ticks = [int(value) for value in file.read().rpartition(b") ")[2].split()[11:15]]
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children", "rb") as file:
                    waiting += [int(child) for child in file.read().split()]
        except OSError:
            continue  # it ended while we looked
        found.append((current, (ticks[0] + ticks[1]) * CLOCK_TICK_SECONDS, (ticks[2] + ticks[3]) * CLOCK_TICK_SECONDS))
    return found


def seconds_until_reading(remaining_cpu_seconds: float, longest_pause_seconds: float) -> float:
    """When to look again: not before every core together could have used up what is left."""
    return min(max(remaining_cpu_seconds / CORES, FINEST_SECONDS), longest_pause_seconds)

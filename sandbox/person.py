"""One person and the programs that run for them: what those use together, and what is their due. Kept by census.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.cell import Cell
from sandbox.limits import KIB
from sandbox.shares import PersonGroup
from sandbox.standing import Standing, is_guest

OWN = re.compile(rb"^Rss(?:Anon|Shmem):\s*(\d+) kB", re.MULTILINE)  # of proc(5)
BUSY_SHARE = 0.01  # of a processor, between two looks
# Who has used little lately has just begun: a person's short program shall not feel who has computed for minutes.
HALF_LIFE_SECONDS = 10.0
LIGHT_MAX_SECONDS, LIGHT_AGAIN_SECONDS = 2.0, 1.0  # of CPU, lately


@dataclass(eq=False)
class Member:
    """One jail of a person's."""

    cell: Cell
    cpu_seconds_then: float = 0.0  # when it was last looked at
    is_busy: bool = True  # until it is known better

    def look(self, seconds: float) -> None:
        """Has it worked in the last `seconds`?"""
        cpu_seconds = self.cell.cpu_seconds()
        self.is_busy = cpu_seconds - self.cpu_seconds_then > BUSY_SHARE * seconds
        self.cpu_seconds_then = cpu_seconds

    def memory_bytes(self) -> int:
        group = self.cell.group
        used = group.memory_bytes() if group else None
        return sum(map(own_bytes, self.cell.pids())) if used is None else used

    def processes(self) -> int:
        group = self.cell.group
        count = group.processes() if group else None
        return len(self.cell.pids()) if count is None else count


@dataclass(eq=False)
class Person:
    owner: str
    standing: Standing
    members: dict[Cell, Member] = field(default_factory=dict)
    cpu_seconds_of_ended: float = 0.0
    cpu_seconds_told: float = 0.0  # counted for a kind already
    cpu_seconds_lately: float = 0.0  # what is longer ago counts less
    cpu_seconds_seen: float = 0.0
    seen: float = 0.0  # monotonic, when that was so
    is_light: bool = True
    last_seen: float = 0.0  # monotonic, when the last of their jails ended
    group: PersonGroup | None = None
    sharers: int = 1  # among so many guests one share is divided

    @property
    def is_guest(self) -> bool:
        return is_guest(self.owner)

    def cpu_seconds(self) -> float:
        return self.cpu_seconds_of_ended + sum(cell.cpu_seconds() for cell in self.members)

    def see(self, now: float) -> bool:
        """What have they used lately? True when they are light no more, or again."""
        cpu_seconds, was_light = self.cpu_seconds(), self.is_light
        self.cpu_seconds_lately *= 0.5 ** ((now - self.seen) / HALF_LIFE_SECONDS)
        self.cpu_seconds_lately += cpu_seconds - self.cpu_seconds_seen
        self.cpu_seconds_seen, self.seen = cpu_seconds, now
        self.is_light = self.cpu_seconds_lately < (LIGHT_MAX_SECONDS if was_light else LIGHT_AGAIN_SECONDS)
        return self.is_light != was_light

    def memory_bytes(self) -> int:
        return sum(member.memory_bytes() for member in self.members.values())

    def processes(self) -> int:
        return sum(member.processes() for member in self.members.values())


def own_bytes(pid: int) -> int:
    """In memory, but for mapped files. What it has from its parent, and neither changed, counts for both."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return sum(int(kibibytes) for kibibytes in OWN.findall(file.read())) * KIB
    except OSError:
        return 0  # it has ended meanwhile

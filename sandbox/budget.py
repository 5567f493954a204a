"""What a person's programs may use together: no new one where it is used up, and the largest is stopped where it is
passed. Asked by caller.py and sessions.py; looks by itself only while somebody's programs could get so large.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from sandbox.census import Census
from sandbox.faults import OverBudget
from sandbox.limits import GIB, MIB, Limits
from sandbox.outcome import Ended
from sandbox.person import Member, Person

LOOK_SECONDS = 0.25
START_BYTES = 32 * MIB  # so much must be left for one more
RETRY_SECONDS = 10


def check(person: Person, limits: Limits) -> None:
    """May one more program with these limits start? Raises OverBudget."""
    standing = person.standing
    most = [member.cell.limits for member in person.members.values()]
    if sum(one.memory_bytes for one in most) + START_BYTES > standing.memory_bytes:
        used = person.memory_bytes()
        if used + min(START_BYTES, limits.memory_bytes) > standing.memory_bytes:
            text = (
                f"Your programs use {in_words(used)} of {in_words(standing.memory_bytes)} of memory; end one of them."
            )
            raise OverBudget(text, RETRY_SECONDS, 0, "memory", used, standing.memory_bytes)
    if sum(one.processes for one in most) >= standing.processes:
        used = person.processes()
        if used >= standing.processes:
            text = f"Your programs have {used} of {standing.processes} processes; end one of them."
            raise OverBudget(text, RETRY_SECONDS, 0, "processes", used, standing.processes)


class Watch:
    """Stops the largest program of whoever has passed their budget."""

    def __init__(self, census: Census) -> None:
        self.census = census
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """A program has been started."""
        if self.timer is None:
            self.timer = self.loop.call_later(LOOK_SECONDS, self.look)

    def look(self) -> None:
        self.timer = None
        could = [person for person in self.census.present.values() if could_pass(person)]
        for person in could:
            largest = too_large(person)
            if largest is not None:
                largest.cell.stop(Ended.BUDGET)
        if could:
            self.wake()

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


def could_pass(person: Person) -> bool:
    """Whatever each of its programs may use alone, together they might."""
    limits = [member.cell.limits for member in person.members.values()]
    return (
        sum(one.memory_bytes for one in limits) > person.standing.memory_bytes
        or sum(one.processes for one in limits) > person.standing.processes
    )


def too_large(person: Person) -> Member | None:
    """Whom to stop. One that is being stopped already counts no more."""
    members = [member for member in person.members.values() if not member.cell.is_doomed]
    return largest_if_past(
        [(member.memory_bytes(), member) for member in members], person.standing.memory_bytes
    ) or largest_if_past([(member.processes(), member) for member in members], person.standing.processes)


def largest_if_past(sizes: Iterable[tuple[int, Member]], most: int) -> Member | None:
    sizes = list(sizes)
    if sum(size for size, _ in sizes) <= most:
        return None
    return max(sizes, key=lambda pair: pair[0])[1]


def in_words(size_bytes: int) -> str:
    return f"{size_bytes / GIB:.1f} GB" if size_bytes >= GIB else f"{size_bytes / MIB:.0f} MB"

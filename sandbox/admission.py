"""Who may start a program while the machine is short of memory: one after the other, as far as there is some.

Asked by caller.py and sessions.py. People wait in one line, those who go first before the others. Nobody is kept
waiting for long: they are told where they stand, and find their place again if they ask again soon.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.faults import MachineShort
from sandbox.limits import MIB
from sandbox.standing import is_guest, with_reserve

LOOK_SECONDS = 0.25  # so old may be what is known of the memory
PATIENCE_SECONDS = 3.0
PLACE_KEPT_SECONDS = 60.0
RETRY_SECONDS = 5
TYPICAL_BYTES = 64 * MIB  # so much one more program is thought to take
LINE_MAX = 2048


@dataclass(eq=False)
class Waiter:
    passed: asyncio.Future[None]
    deadline: float


@dataclass
class Place:
    """One person's."""

    since: float
    last_asked: float
    waiters: deque[Waiter] = field(default_factory=deque)


class Admission:
    def __init__(
        self, memory_available_bytes: Callable[[], int], reserve_bytes: int, goes_first: Callable[[str], bool]
    ) -> None:
        self.memory_available_bytes = memory_available_bytes
        self.reserve_bytes = reserve_bytes
        self.goes_first = goes_first
        self.loop = asyncio.get_running_loop()
        self.places: dict[str, Place] = {}
        self.available_bytes = 0
        self.known_until = 0.0
        self.timer: asyncio.TimerHandle | None = None

    @property
    def waiting_count(self) -> int:
        return sum(len(place.waiters) for place in self.places.values())

    def is_short(self) -> bool:
        now = self.loop.time()
        if now >= self.known_until:
            self.available_bytes = self.memory_available_bytes()
            self.known_until = now + LOOK_SECONDS
        return self.available_bytes < self.reserve_bytes

    def admits(self, owner: str) -> bool:
        """At once: there is memory, and for all who wait before this one as well."""
        if self.is_short():
            return False
        if not self.places:
            return True
        self.forget_places()
        place = self.places.get(owner)
        if (place and place.waiters) or self.ahead_of(owner) >= self.room():
            return False
        self.places.pop(owner, None)
        self.available_bytes -= TYPICAL_BYTES
        return True

    def room(self) -> int:
        return max(0, self.available_bytes - self.reserve_bytes) // TYPICAL_BYTES + 1

    def line(self) -> list[str]:
        return sorted(self.places, key=self.rank)

    def rank(self, owner: str) -> tuple[bool, bool, float]:
        """Guests come last: every new one is another owner, whose place nobody asks for again."""
        place = self.places.get(owner)
        since = place.since if place else self.loop.time()
        return not self.goes_first(owner), is_guest(owner), since

    def ahead_of(self, owner: str) -> int:
        rank = self.rank(owner)
        return sum(self.rank(other) < rank for other in self.places)

    async def wait(self, owner: str) -> None:
        """Until it is this owner's turn, though not for long. Raises MachineShort."""
        now = self.loop.time()
        self.forget_places()
        most = with_reserve(LINE_MAX, goes_first=self.goes_first(owner))
        if owner not in self.places and len(self.places) >= most:
            raise short(len(self.places))
        place = self.places.setdefault(owner, Place(now, now))
        place.last_asked = now
        waiter = Waiter(self.loop.create_future(), now + PATIENCE_SECONDS)
        place.waiters.append(waiter)
        if self.timer is None:
            self.timer = self.loop.call_later(LOOK_SECONDS, self.look)
        try:
            await waiter.passed
        finally:
            if waiter in place.waiters:  # whoever asked has gone
                place.waiters.remove(waiter)
                if not place.waiters:
                    self.places.pop(owner, None)

    def look(self) -> None:
        """Now, and again while somebody waits."""
        try:
            self.serve()
        finally:  # or nobody would ever be served again
            waits = any(place.waiters for place in self.places.values())
            self.timer = self.loop.call_later(LOOK_SECONDS, self.look) if waits else None

    def serve(self) -> None:
        """Let in those for whom there is room, tell the others where they stand."""
        self.forget_places()
        room = 0 if self.is_short() else self.room()
        now = self.loop.time()
        for ahead, owner in enumerate(self.line()):
            place = self.places[owner]
            if room > 0 and place.waiters:
                room -= 1
                self.let_in(owner, place)
            for waiter in list(place.waiters):
                if waiter.deadline <= now:
                    place.waiters.remove(waiter)
                    place.last_asked = now
                    settle(waiter.passed, short(ahead))

    def let_in(self, owner: str, place: Place) -> None:
        """One of theirs; with more they go to the end."""
        settle(place.waiters.popleft().passed, None)
        if place.waiters:
            place.since = self.loop.time()
        else:
            del self.places[owner]

    def forget_places(self) -> None:
        long_ago = self.loop.time() - PLACE_KEPT_SECONDS
        gone = [owner for owner, place in self.places.items() if not place.waiters and place.last_asked < long_ago]
        for owner in gone:
            del self.places[owner]

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


def settle(future: asyncio.Future[None], fault: MachineShort | None) -> None:
    if future.done():
        return
    if fault is None:
        future.set_result(None)
    else:
        future.set_exception(fault)


def short(ahead: int) -> MachineShort:
    before = f"; {ahead} wait before you" if ahead else ""
    text = f"This server is short of memory{before}. Try again in {RETRY_SECONDS} seconds: your place is kept."
    return MachineShort(text, RETRY_SECONDS, ahead)

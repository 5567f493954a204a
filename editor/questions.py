"""How many questions are asked of Ruff at a time: few over all, one of one person, and nobody waits for long.

Over all: each web process has its share of them. Of one person: wherever they ask.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.conf import settings

from accounts import places

AT_ONCE: Final = 3
PENDING_MAX: Final = 48  # those that are being answered among them
PENDING_OF_PERSON_MAX: Final = 2  # one that is answered, one that waits
WAITING_SECONDS_MAX: Final = 5.0
LOOK_SECONDS: Final = 0.01
Result = TypeVar("Result")


class Busy(Exception):
    """Nobody can answer now; soon somebody may."""


class Questions:
    def __init__(self) -> None:
        processes = settings.IVLE_WEB_PROCESSES
        self.threads = ThreadPoolExecutor(math.ceil(AT_ONCE / processes), "ruff")
        self.pending_max = math.ceil(PENDING_MAX / processes)
        self.pending = 0
        self.counting = threading.Lock()

    async def ask(self, person: str, question: Callable[..., Result], *arguments: object) -> Result:
        """Raises Busy, and what the question raises."""
        taken = [self.begin(person)]
        latest = time.monotonic() + WAITING_SECONDS_MAX

        def answer() -> Result:
            if time.monotonic() > latest:
                raise Busy
            return question(*arguments)

        try:
            taken.append(await turn_of(person, latest))
            answering = self.threads.submit(answer)
        except BaseException:
            self.end(*taken)
            raise
        answering.add_done_callback(lambda _: self.end(*taken))  # not before, whoever has left
        return await asyncio.wrap_future(answering)

    def begin(self, person: str) -> places.Place:
        """Raises Busy."""
        with self.counting:
            place = places.take(f"questions of {person}", PENDING_OF_PERSON_MAX)
            if place is None:
                raise Busy
            if self.pending >= self.pending_max:
                place.leave()
                raise Busy
            self.pending += 1
        return place

    def end(self, *taken: places.Place) -> None:
        with self.counting:
            self.pending -= 1
            for place in taken:
                place.leave()


async def turn_of(person: str, latest: float) -> places.Place:
    """Raises Busy when it is too late."""
    while (turn := places.take(f"question of {person}")) is None:
        if time.monotonic() > latest:
            raise Busy
        await asyncio.sleep(LOOK_SECONDS)
    return turn

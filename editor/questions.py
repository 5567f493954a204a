"""How many questions are asked of Ruff at a time: few over all, fewer of one person, and nobody waits for long."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

AT_ONCE: Final = 3
PENDING_MAX: Final = 48  # those that are being answered among them
PENDING_OF_PERSON_MAX: Final = 2
WAITING_SECONDS_MAX: Final = 5.0
Result = TypeVar("Result")


class Busy(Exception):
    """Nobody can answer now; soon somebody may."""


class Questions:
    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(AT_ONCE, "ruff")
        self.pending: Counter[str] = Counter()  # by person
        self.counting = threading.Lock()

    async def ask(self, person: str, question: Callable[..., Result], *arguments: object) -> Result:
        """Raises Busy, and what the question raises."""
        with self.counting:
            if self.pending.total() >= PENDING_MAX or self.pending[person] >= PENDING_OF_PERSON_MAX:
                raise Busy
            self.pending[person] += 1
        latest = time.monotonic() + WAITING_SECONDS_MAX

        def answer() -> Result:
            if time.monotonic() > latest:
                raise Busy
            return question(*arguments)

        answering = self.threads.submit(answer)
        answering.add_done_callback(lambda _: self.note_end(person))
        return await asyncio.wrap_future(answering)

    def note_end(self, person: str) -> None:
        with self.counting:
            self.pending[person] -= 1
            self.pending += Counter()  # forgets whoever has none

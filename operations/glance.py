"""What this machine lacks, a moment old at most: anybody may ask /readyz as often as they like, and it is one look."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from operations import readiness
from operations.readiness import Lack

GLANCE_SECONDS: Final = 1.5


class Glance:
    """Of one process, for whoever asks in its loop."""

    def __init__(self) -> None:
        self.looking: asyncio.Task[list[Lack]] | None = None
        self.seen: list[Lack] = []
        self.until = float("-inf")

    async def lacks(self) -> list[Lack]:
        if time.monotonic() < self.until:
            return self.seen
        loop = asyncio.get_running_loop()
        if self.looking is None or self.looking.done() or self.looking.get_loop() is not loop:
            self.looking = loop.create_task(self.look())
        return await asyncio.shield(self.looking)  # whoever does not wait any more does not take it from others

    async def look(self) -> list[Lack]:
        self.seen = await readiness.lacks()
        self.until = time.monotonic() + GLANCE_SECONDS
        return self.seen

    def forget(self) -> None:
        self.until = float("-inf")


glance: Final = Glance()

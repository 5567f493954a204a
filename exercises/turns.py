"""How many tests of one submission run at once. Used by marking.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

AT_ONCE = 3  # while one computes, another's jail is made or taken apart


class Turns:
    """No more tests than that, and no more memory than their owner's programs may have together: past that the sandbox
    would stop one that did nothing wrong."""

    def __init__(self, budget_bytes: int) -> None:
        self.left = AT_ONCE
        self.left_bytes = budget_bytes
        self.changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def one(self, memory_bytes: int) -> AsyncIterator[None]:
        """For a test that may have so much, which is never more than the budget."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.left > 0 and memory_bytes <= self.left_bytes)
            self.left -= 1
            self.left_bytes -= memory_bytes
        try:
            yield
        finally:
            self.left += 1
            self.left_bytes += memory_bytes
            async with self.changed:
                self.changed.notify_all()

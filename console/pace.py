"""How fast somebody may send: a bucket that fills by itself. Used for each socket and each fallback stream."""

from __future__ import annotations

import time
from typing import Final

BURST: Final = 2000  # frames at once
PER_SECOND: Final = 1000.0


class Pace:
    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self.burst = self.left = burst
        self.per_second = per_second
        self.seen = time.monotonic()

    def allows(self) -> bool:
        """One more, now? Counts it where it may be."""
        if self.left < 1:
            now = time.monotonic()
            self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
            self.seen = now
        if self.left < 1:
            return False  # and nothing is owed for having asked
        self.left -= 1
        return True

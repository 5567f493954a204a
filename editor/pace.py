"""How much may be said in one direction between a page and its language server: a bucket that fills by itself."""

from __future__ import annotations

import time
from typing import Final

BURST_BYTES: Final = 32 * 1024 * 1024.0
BYTES_PER_SECOND: Final = 2 * 1024 * 1024.0
MESSAGE_BYTES: Final = 2 * 1024  # as which each counts besides, were it empty


class Pace:
    def __init__(self) -> None:
        self.left = BURST_BYTES
        self.seen = time.monotonic()

    def allows(self, size: int) -> bool:
        """One more message of this size, now? Counts it."""
        now = time.monotonic()
        self.left = min(BURST_BYTES, self.left + (now - self.seen) * BYTES_PER_SECOND) - size - MESSAGE_BYTES
        self.seen = now
        return self.left >= 0

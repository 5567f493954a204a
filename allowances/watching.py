"""The warden's duty: asks this machine's supervisor what people used, writes it down, and tells it how they stand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import timezone

from allowances import counting
from allowances.standings import standings
from sandbox import people
from sandbox.faults import SandboxError
from sandbox.standing import Standing

EVERY_SECONDS: Final = 3.0
AGAIN_SECONDS: Final = 60.0  # the same is told again, whatever became of it
TIDY_SECONDS: Final = 3600.0
PATIENCE_SECONDS: Final = 30.0


class Watch:
    """Of one supervisor after the other, at one address."""

    def __init__(self) -> None:
        self.is_behind = True  # something may have been missed: of people who have nothing running any more, too
        self.told: tuple[str, dict[str, Standing]] | None = None
        self.told_at = 0.0
        self.tidied = float("-inf")
        self.answered_at = time.monotonic()

    async def look(self) -> None:
        """Once. Raises DatabaseError, and SandboxError where no supervisor has answered for a while: one may be just
        beginning."""
        was_behind, self.is_behind = self.is_behind, True
        try:
            told = await self.written(everyone=False)
            if was_behind:  # only now: while nothing can be written down it would be asked for each time
                told = await self.written(everyone=True)
        except SandboxError:
            if time.monotonic() - self.answered_at < PATIENCE_SECONDS:
                return
            raise
        if told != self.told or time.monotonic() - self.told_at >= AGAIN_SECONDS:
            await people.standings_told(settings.IVLE_SANDBOX_SOCKET, told[1])
            self.told, self.told_at = told, time.monotonic()
        self.is_behind = False

    async def written(self, *, everyone: bool) -> tuple[str, dict[str, Standing]]:
        """What the supervisor has counted of people; and how they stand then."""
        usage = await people.usage(settings.IVLE_SANDBOX_SOCKET, everyone=everyone)
        self.answered_at = time.monotonic()
        counted = {owner: one.cpu_seconds for owner, one in usage.people.items()}
        write = database_sync_to_async(self.write)
        return usage.boot, await write(usage.boot, counted, timezone.now())

    def write(self, boot: str, counted: Mapping[str, float], now: datetime) -> dict[str, Standing]:
        counting.count(boot, counted, now)
        if time.monotonic() - self.tidied >= TIDY_SECONDS:
            counting.tidy(now)
            self.tidied = time.monotonic()
        return standings(counted, now)


_watch = Watch()
look = _watch.look

"""Lets a request wait until something new is known of an attempt: one look at the database for all of them. For api.py.

Only so many may wait in this process, since each holds a thread and its connection; others are answered at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from channels.db import database_sync_to_async
from django.db import DatabaseError

from marks.models import Attempt

LOOK_SECONDS: Final = 0.08
WAITING_MAX: Final = 24
log = logging.getLogger(__name__)
News = tuple[object, ...]  # what is different whenever something is new


def news_of(attempt: Attempt) -> News:
    """Showing results holds the attempt anew."""
    return (attempt.state, attempt.held_until, attempt.marked)


def look(pks: Iterable[int]) -> dict[int, News]:
    found = Attempt.objects.filter(pk__in=list(pks)).values_list("pk", "state", "held_until", "marked")
    return {row[0]: row[1:] for row in found}


@dataclass
class Watch:
    """Of one process, on its event loop."""

    waiting: dict[object, tuple[int, News, asyncio.Event]] = field(default_factory=dict)
    looking: asyncio.Task[None] | None = None

    async def wait(self, pk: int, known: News, seconds: float) -> bool:
        """True where there may be something new, False where nothing happened, or nobody else may wait."""
        if len(self.waiting) >= WAITING_MAX:
            return False
        me, happened = object(), asyncio.Event()
        self.waiting[me] = (pk, known, happened)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self.look_on())
        try:
            async with asyncio.timeout(seconds):
                await happened.wait()
        except TimeoutError:
            return False
        finally:
            del self.waiting[me]
        return True

    async def look_on(self) -> None:
        """A database that refuses for a moment is asked again; nobody waits for ever."""
        while self.waiting:
            pks = {pk for pk, *_ in self.waiting.values()}
            try:
                now = await database_sync_to_async(look, thread_sensitive=False)(pks)
            except DatabaseError:
                log.warning("Attempts that are waited for could not be looked at; trying again.")
            else:
                for pk, known, happened in list(self.waiting.values()):
                    if pk in pks and now.get(pk) != known:
                        happened.set()
            await asyncio.sleep(LOOK_SECONDS)

"""The threads of the site: each has one request at a time, and the next one after it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from ivle.site_handler import KEPT_MAX, SiteHandler
from tests.sandbox.jail import until

PATIENCE_SECONDS = 10
SCOPE = {"type": "http"}


class Told(SiteHandler):
    """Does in its thread what a test says, in place of a request."""

    def __init__(self, doing: Any) -> None:
        super().__init__()
        self.doing = doing

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await sync_to_async(self.doing)()

    async def ask(self) -> None:
        await self(SCOPE, None, None)

    async def until_idle(self, count: int) -> None:
        await asyncio.to_thread(until, lambda: len(self.idle) == count, f"{count} threads idle")


async def test_one_after_the_other_has_the_same_thread_and_what_it_keeps() -> None:
    used = []
    handler = Told(lambda: used.append(threading.get_ident()))
    for _ in range(3):
        await handler.ask()
        await handler.until_idle(1)
    assert len(set(used)) == 1


async def test_at_once_each_has_its_own_and_not_all_are_kept() -> None:
    count = KEPT_MAX + 4
    all_there = threading.Barrier(count, timeout=PATIENCE_SECONDS)
    handler = Told(all_there.wait)
    await asyncio.gather(*(handler.ask() for _ in range(count)))
    await handler.until_idle(KEPT_MAX)


async def test_a_thread_that_still_works_for_a_request_that_was_left_goes_to_nobody_else() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(PATIENCE_SECONDS)

    handler = Told(work)
    leaving = asyncio.ensure_future(handler.ask())
    await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert handler.idle == []
    handler.doing = lambda: None
    async with asyncio.timeout(PATIENCE_SECONDS / 2):
        await handler.ask()  # does not wait for the other
    may_end.set()
    await handler.until_idle(2)

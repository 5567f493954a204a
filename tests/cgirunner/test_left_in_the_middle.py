"""Who leaves while the database is asked leaves nothing open."""

from __future__ import annotations

import asyncio
import os
import threading
from functools import partial
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from cgirunner import asgi
from cgirunner.asgi import visit_off_loop
from cgirunner.request import Address, Request
from cgirunner.visit import Visit, serve_manner
from files.lookup import Found
from tests.cgirunner.conftest import PATIENCE_SECONDS, scope_of

PATH = "/serve/student/page.html"


async def test_a_look_up_that_nobody_waits_for_closes_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread goes on to the end. A pipe shows when the other end of it is closed."""
    monkeypatch.setattr(asgi, "database_sync_to_async", partial(sync_to_async, thread_sensitive=False))  # a free thread
    loop = asyncio.get_running_loop()
    has_begun, is_closed, may_end = asyncio.Event(), asyncio.Event(), threading.Event()
    request = Request.from_scope(scope_of(PATH, "GET", {}, ("192.0.2.7", 50123)))
    address = Address.parse(request.raw_path, b"/serve/")
    reading, place = os.pipe()

    def visiting(request: Request, address: Address, wants_report: bool) -> Visit:
        loop.call_soon_threadsafe(has_begun.set)
        may_end.wait(PATIENCE_SECONDS)
        found = Found(place, tmp_path.stat(), address.parts, ())
        return Visit(address, found, found.parts, serve_manner(request, address), wants_report, sees_reports=True)

    looking = asyncio.create_task(visit_off_loop(visiting, request, address, False))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await has_begun.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        loop.add_reader(reading, is_closed.set)
        may_end.set()
        await is_closed.wait()
    loop.remove_reader(reading)
    os.close(reading)

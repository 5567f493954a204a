"""Guests without a supervisor: the console tests' stand-in, pages with a capability, and the switch on."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import psutil
import pytest
from channels.routing import URLRouter

from console.routing import sockets as console_sockets
from sandbox import consoles as consoles_of_sandbox
from sandbox.consoles import SessionGone
from shells import capability as capabilities
from shells import room, sweeping, switch
from shells.capability import Capability
from shells.routing import sockets
from shells.starting import about
from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.console import conftest as consoles
from tests.console.conftest import Browser, FakeSandbox, story
from tests.console.wire import WebSocket
from tests.sandbox.jail import until
from tests.shells.neighbour import Neighbour

sandbox = consoles.sandbox
application = URLRouter([*sockets, *console_sockets])
QUERY = "offset=&rows=24&columns=80"


@pytest.fixture(autouse=True)
def nothing_seen_before() -> Iterator[None]:
    room.forget()
    sweeping._alone_since.clear()
    yield
    room.forget()


@pytest.fixture
def guests(db, sandbox: FakeSandbox) -> FakeSandbox:
    """They may come."""
    switch.turn(on=True)
    return sandbox


def page(
    shown: Capability | str | None,
    query: str = QUERY,
    address: str = "192.0.2.7",
    **headers: str,
) -> Browser:
    """The page in the frame, with this capability."""
    text = shown.text if isinstance(shown, Capability) else shown
    offered = ("ivle.console.1",) if text is None else ("ivle.console.1", f"ivle.guest.{text}")
    browser = FromSomewhere(f"/shells/socket?{query}", {"host": "localhost:8000", "origin": "null", **headers}, offered)
    browser.address = address
    return browser


class FromSomewhere(Browser):
    address = "192.0.2.7"

    async def connect(self, application: Any) -> Browser:
        async def at_the_address(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await application({**scope, "client": [self.address, 50123]}, receive, send)

        return await super().connect(at_the_address)


def told(browser: Browser) -> tuple[int, str]:
    """What becomes of a page that connects: 101 and the kind of the first message (of a closing its sentence), or an
    HTTP status."""
    outcomes: list[tuple[int, str]] = []

    async def connecting() -> None:
        await browser.connect(application)
        if browser.first["type"] != "websocket.accept":
            outcomes.append((browser.first["status"], ""))
            return
        heard = await browser.hear()
        outcomes.append((101, heard["sentence"] if heard["kind"] == "closing" else heard["kind"]))
        await browser.leave()

    story(connecting)
    return outcomes[0]


def started(sandbox: FakeSandbox, shown: Capability | None = None, **changes: Any) -> Capability:
    """A guest whose shell runs."""
    shown = shown or capabilities.issue()
    notes = about(changes.pop("address", "somewhere"))
    sandbox.add(session_id=shown.session_id, owner=shown.owner, about=notes, **changes)
    return shown


@pytest.fixture(scope="session")
def friend() -> Iterator[Neighbour]:
    """A site that may embed."""
    with closing(Neighbour()) as friend:
        yield friend


@pytest.fixture(scope="session")
def guest_site(tmp_path_factory: pytest.TempPathFactory, friend: Neighbour) -> Iterator[Site]:
    """A whole ivle, which lets that one embed."""
    most = {"IVLE_GUESTS_MAX": "4", "IVLE_GUEST_STARTS_PER_ADDRESS": "1000", "IVLE_GUEST_STARTS_PER_MINUTE": "1000"}
    data = tmp_path_factory.mktemp("site") / "data"
    site = Site(data, IVLE_GUEST_SITES=friend.origin, IVLE_GUEST_CPU_SECONDS="2", **most)
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()
    assert "Traceback" not in site.said, site.said


@pytest.fixture
def site(guest_site: Site) -> Iterator[Site]:
    """Guests may come, and those of the test are gone after it."""
    yield guest_site
    turn(guest_site, on=True)
    for session_id in running(guest_site):
        asyncio.run(end_quietly_at(guest_site, session_id))
    until(lambda: guest_site.ask("/shells/status")[1] == b'{"state": "room"}', "there is room for the next test")


async def end_quietly_at(site: Site, session_id: str) -> None:
    with suppress(SessionGone):
        await consoles_of_sandbox.end_session(site.data / "run" / "sandbox.sock", session_id)


def turn(site: Site, *, on: bool) -> None:
    """The switch, from behind: `manage.py guests` takes seconds to start."""
    with closing(sqlite3.connect(site.data / "db.sqlite3")) as database, database:
        database.execute("INSERT OR REPLACE INTO shells_switch (id, is_on, changed) VALUES (1, ?, datetime())", [on])


def manage(site: Site, doing: str) -> list[str]:
    """What `manage.py guests` says, line by line."""
    command = [sys.executable, "manage.py", "guests", doing]
    asked = subprocess.run(command, cwd=CHECKOUT, env=site.environ, capture_output=True, text=True, check=True)
    return asked.stdout.splitlines()


def running(site: Site) -> list[str]:
    """The guests whose shells run there, by their consoles' ids."""
    sessions = asyncio.run(consoles_of_sandbox.list_sessions(site.data / "run" / "sandbox.sock"))
    return [info.id for info in sessions if info.owner.startswith("guest.") and info.outcome is None]


def capability_at(site: Site) -> str:
    """Of a page in the frame, as a browser gets it. What was seen a moment ago may still say that there is no room."""

    def read() -> str | None:
        match = re.search(rb'capability="([^"]+)"', site.ask("/shells/frame")[1])
        return match[1].decode() if match else None

    text: str = until(read, "there is room")
    return text


def open_shell(site: Site, text: str = "", origin: str = "null") -> WebSocket:
    """Raises Refused."""
    protocols = f"ivle.console.1, ivle.guest.{text or capability_at(site)}"
    return WebSocket(site.port, f"/shells/socket?{QUERY}", protocols, origin=origin)


def web_server(site: Site) -> psutil.Process:
    [web] = [child for child in psutil.Process(site.process.pid).children() if "ivle.web" in child.cmdline()]
    return web

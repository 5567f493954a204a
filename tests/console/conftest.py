"""Consoles without a supervisor: sessions that do what a test says, and browsers that talk to the doors by ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as site
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Person
from console.programs import Program
from sandbox import consoles
from sandbox.consoles import Display, Event, Output, SessionGone, SessionInfo, Size, WatcherInfo
from sandbox.faults import SandboxBusy, SandboxError
from sandbox.job import Job

PATIENCE_SECONDS = 20


def about(name: str = "1", policy: str = "named", **program: Any) -> dict[str, Any]:
    return {**Program(**program).about(), "policy": policy, "name": name}


def make_info(session_id: str = "s1", owner: str = "student", **changes: Any) -> SessionInfo:
    info = SessionInfo(
        id=session_id,
        owner=owner,
        about=about(),
        size=Size(24, 80),
        started=1_790_000_000.0,
        last_input=1_790_000_000.0,
        start_offset=0,
        end_offset=0,
        cpu_seconds=0.0,
        cpu_limit_seconds=60.0,
        memory_bytes=None,
        watchers=(),
        outcome=None,
    )
    return replace(info, **changes)


class FakeAttachment:
    """`say` is what the sandbox reports; `asked` is what it was asked for."""

    def __init__(self, info: SessionInfo, client: str, name: str, typed: int, drives: bool) -> None:
        drives = drives and not any(watcher.drives for watcher in info.watchers)
        self.info = replace(info, watchers=(*info.watchers, WatcherInfo(client, name, drives)))
        self.client = client
        self.typed = self.received = typed
        self.asked: list[tuple[Any, ...]] = []
        self.arrivals: asyncio.Queue[Any] = asyncio.Queue()
        self.changed = asyncio.Event()
        self.closed = False

    def say(self, *arrivals: Any) -> None:
        for arrival in arrivals:
            self.arrivals.put_nowait(arrival)

    async def read(self) -> Any:
        arrival = await self.arrivals.get()
        if isinstance(arrival, Exception):
            raise arrival
        if isinstance(arrival, Event) and arrival.kind in ("typed", "withdrawn"):
            self.typed = arrival.content["offset"]
        return arrival

    def note(self, *what: Any) -> None:
        self.asked.append(what)
        self.changed.set()

    def type(self, offset: int, data: bytes) -> None:
        self.note("type", offset, data)

    def skip(self, offset: int, length: int) -> None:
        self.note("skip", offset, length)
        self.say(Event("typed", {"offset": offset + length}))

    def withdraw(self) -> None:
        self.note("withdraw")
        self.say(Event("withdrawn", {"offset": self.typed}))

    def ack(self, offset: int) -> None:
        self.note("ack", offset)

    def resize(self, size: Size) -> None:
        self.note("resize", size.rows, size.columns)

    def interrupt(self) -> None:
        self.note("interrupt")

    def drive(self) -> None:
        self.note("drive")

    def release(self) -> None:
        self.note("release")

    def close(self) -> None:
        self.closed = True
        self.changed.set()

    async def until_closed(self) -> None:
        while not self.closed:
            self.changed.clear()
            await self.changed.wait()

    async def __aenter__(self) -> FakeAttachment:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.close()

    async def until(self, *what: Any) -> None:
        """Until it was asked for that."""
        while what not in self.asked:
            self.changed.clear()
            await self.changed.wait()


class FakeSandbox:
    """In place of the functions of sandbox.consoles."""

    def __init__(self) -> None:
        self.sessions: dict[str, SessionInfo] = {}
        self.typed: dict[str, int] = {}
        self.displays: dict[tuple[str, int], bytes] = {}
        self.attachments: list[FakeAttachment] = []
        self.opened: list[Job] = []
        self.restarted: list[Job] = []
        self.ended: list[str] = []
        self.fault: SandboxError | None = None
        self.full: SandboxBusy | None = None  # no further console can be opened
        self.at_attaching: Callable[[FakeAttachment], None] = lambda attachment: None

    def add(self, **changes: Any) -> SessionInfo:
        info = make_info(**changes)
        self.sessions[info.id] = info
        return info

    def check(self) -> None:
        if self.fault:
            raise self.fault

    async def get_session(self, _socket: object, session_id: str) -> SessionInfo:
        self.check()
        if session_id not in self.sessions:
            raise SessionGone("no such session")
        return self.sessions[session_id]

    async def list_sessions(self, _socket: object, owner: str | None = None) -> list[SessionInfo]:
        self.check()
        return [info for info in self.sessions.values() if owner in (None, info.owner)]

    async def open_session(
        self, _socket: object, session_id: str, job: Job, size: Size, about: dict[str, Any]
    ) -> SessionInfo:
        self.check()
        if self.full:
            raise self.full
        self.opened.append(job)
        return self.add(session_id=session_id, owner=job.owner, about=about, size=size)

    async def end_session(self, _socket: object, session_id: str) -> None:
        await self.get_session(_socket, session_id)
        del self.sessions[session_id]
        self.ended.append(session_id)

    async def restart_session(self, _socket: object, session_id: str, job: Job) -> SessionInfo:
        if self.full:
            raise self.full
        self.restarted.append(job)
        return await self.get_session(_socket, session_id)

    async def attach(
        self, _socket: object, session_id: str, client: str, name: str, offset: int | None, *, drives: bool
    ) -> FakeAttachment:
        info = await self.get_session(_socket, session_id)
        attachment = FakeAttachment(info, client, name, self.typed.get(client, 0), drives)
        attachment.note("attach", offset)
        self.attachments.append(attachment)
        self.at_attaching(attachment)
        return attachment

    async def read_display(self, _socket: object, session_id: str, number: int) -> bytes:
        await self.get_session(_socket, session_id)
        try:
            return self.displays[session_id, number]
        except KeyError:
            raise SessionGone("no such display") from None


@dataclass
class Browser:
    """A WebSocket by ASGI. `hear` is the next thing that the server says."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ("ivle.console.1",)
    extensions: dict[str, Any] = field(default_factory=lambda: {"websocket.http.response": {}})

    async def connect(self, application: Any) -> Browser:
        raw_path, _, query = self.path.partition("?")
        scope = {
            "type": "websocket",
            "path": unquote(raw_path),
            "raw_path": raw_path.encode(),
            "query_string": query.encode(),
            "scheme": "ws",
            "headers": [(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
            "client": ["192.0.2.7", 50123],
            "server": ["127.0.0.1", 8000],
            "subprotocols": list(self.subprotocols),
            "extensions": self.extensions,
        }
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.incoming.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.ensure_future(application(scope, self.incoming.get, self.outgoing.put))
        self.first = await self.event()
        return self

    async def event(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            getting = asyncio.ensure_future(self.outgoing.get())
            await asyncio.wait({getting, self.task}, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                await asyncio.sleep(0)
            if not getting.done():
                getting.cancel()
                self.task.result()
                raise AssertionError("the server is done and says nothing more")
            return getting.result()

    @property
    def status(self) -> int:
        """Of an upgrade that was refused."""
        return self.first["status"]

    async def hear(self) -> Any:
        """A text frame as an object, a binary one as bytes, a close as its code."""
        event = await self.event()
        if event["type"] == "websocket.close":
            assert type(event["code"]) is int, "Daphne takes no other"
            return event["code"]
        return event["bytes"] if "bytes" in event else json.loads(event["text"])

    async def hear_of(self, kind: str) -> dict[str, Any]:
        while True:
            heard = await self.hear()
            if isinstance(heard, dict) and heard["kind"] == kind:
                return heard
            assert not isinstance(heard, int), f"closed ({heard}) instead of {kind}"

    def say(self, frame: bytes | str | dict[str, Any]) -> None:
        if isinstance(frame, bytes):
            self.incoming.put_nowait({"type": "websocket.receive", "bytes": frame, "text": None})
        else:
            text = frame if isinstance(frame, str) else json.dumps(frame)
            self.incoming.put_nowait({"type": "websocket.receive", "bytes": None, "text": text})

    def tell(self, kind: str, **content: Any) -> None:
        self.say({"kind": kind, **content})

    async def leave(self) -> None:
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.task


def session_cookie(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return f"{site.SESSION_COOKIE_NAME}={session.session_key}"


def logged_in(person: Person) -> dict[str, str]:
    """The headers that a page of the site sends."""
    return {"host": "localhost:8000", "origin": "http://localhost:8000", "cookie": session_cookie(person)}


@pytest.fixture
def sandbox(settings, site_settings, monkeypatch) -> FakeSandbox:
    settings.IVLE_HOMES.mkdir(exist_ok=True)
    fake = FakeSandbox()
    for name in (
        "attach",
        "end_session",
        "get_session",
        "list_sessions",
        "open_session",
        "read_display",
        "restart_session",
    ):
        monkeypatch.setattr(consoles, name, getattr(fake, name))
    return fake


@pytest.fixture
def home(settings, site_settings):
    folder = settings.IVLE_HOMES / "student"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def story(telling: Callable[..., Any]) -> None:
    """Runs an asynchronous test body; the database stays the test's own."""

    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await telling()

    async_to_sync(patiently)()


__all__ = ["Display", "Event", "Output"]

"""A student's home, programs in it, and requests to them. The supervisor of these tests has no jail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as site
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Person
from cgirunner import asgi
from cgirunner.request import Receive, Send
from files.models import PublishedFolder
from tests.cgirunner.fake_supervisor import FakeSupervisor

# A program says at one FIFO that it has come, and waits at the other.
WAIT = "open('came', 'w').write('!')\nopen('gate').readline()"
PATIENCE_SECONDS = 30  # then a test fails; nothing that works takes so long
BROWSER = {"accept": "text/html,*/*;q=0.8", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}


@dataclass
class Reply:
    """What came back, and when: every piece of the body by itself."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    whole: bool = False
    aborted: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str | None:
        return ", ".join(self.all(name)) or None


@dataclass
class Exchange:
    """One request under way in the event loop of a test."""

    scope: dict[str, Any]
    reply: Reply = field(default_factory=Reply)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    incoming: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def send(self, message: dict[str, Any]) -> None:
        async with self.arrived:
            if message["type"] == "http.response.start":
                assert not self.reply.status
                self.reply.status = message["status"]
                self.reply.headers = [(name.decode(), value.decode("latin-1")) for name, value in message["headers"]]
            elif message["type"] == "ivle.response.abort":
                self.reply.aborted = True
            else:
                assert not self.reply.whole
                assert self.reply.status
                self.reply.pieces.append(message["body"])
                self.reply.whole = not message.get("more_body", False)
            self.arrived.notify_all()

    async def until(self, condition: Callable[[Reply], bool]) -> Reply:
        async with self.arrived:
            await self.arrived.wait_for(lambda: condition(self.reply))
        return self.reply


class Home:
    """A person's folder. `run(source)` writes a program and asks for it."""

    def __init__(self, folder: Path, person: Person) -> None:
        self.folder = folder
        self.person = person
        folder.mkdir(parents=True)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def publish(self, path: str = "") -> None:
        PublishedFolder.objects.create(person=self.person, path=path)


class Gate:
    """The test holds both FIFOs open for reading and writing, so that nobody hangs on a program that never comes."""

    def __init__(self, home: Home) -> None:
        for name in ("came", "gate"):
            os.mkfifo(home.folder / name)
        self.came, self.gate = (os.open(home.folder / name, os.O_RDWR | os.O_NONBLOCK) for name in ("came", "gate"))

    async def open(self) -> None:
        """Once the program stands at it."""
        loop, here = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.came, here.set)
        try:
            await here.wait()
        finally:
            loop.remove_reader(self.came)
        os.write(self.gate, b"go\n")

    def close(self) -> None:
        os.close(self.came)
        os.close(self.gate)


def scope_of(path: str, method: str, headers: dict[str, str], client: tuple[str, int]) -> dict[str, Any]:
    raw_path, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "scheme": "http",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": list(client),
        "server": ["127.0.0.1", 8000],
    }


class Visitor:
    """Asks for addresses; with a session cookie once `log_in` was called."""

    host = "localhost:8000"
    application: Callable[[dict[str, Any], Receive, Send], Any] = staticmethod(asgi.serve)

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def log_in(self, person: Person) -> None:
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        self.cookies[site.SESSION_COOKIE_NAME] = session.session_key

    def exchange(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Exchange:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"host": self.host, **({"cookie": cookie} if cookie else {}), **(headers or {})}
        return Exchange(scope_of(path, method, given, ("192.0.2.7", 50123)))

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | list[bytes] = b"",
        headers: dict[str, str] | None = None,
        leaves: bool = False,
        scheme: str = "http",
        more_headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Reply:
        """The whole reply. `leaves`: the browser goes away before it sent the rest of its body."""
        chunks = body if isinstance(body, list) else [body]

        async def asking() -> Reply:
            exchange = self.exchange(path, method, headers)
            exchange.scope["scheme"] = scheme
            exchange.scope["headers"] += more_headers
            for index, chunk in enumerate(chunks):
                more = leaves or index + 1 < len(chunks)
                exchange.incoming.put_nowait({"type": "http.request", "body": chunk, "more_body": more})
            if leaves:
                exchange.incoming.put_nowait({"type": "http.disconnect"})
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.application(exchange.scope, exchange.incoming.get, exchange.send)
            return exchange.reply

        return async_to_sync(asking)()

    def during(self, path: str, story: Callable[[Exchange], Any], **request: Any) -> Reply:
        """Starts asking, and lets `story` follow what happens. When either fails, the other is not waited for."""

        async def asking() -> Reply:
            exchange = self.exchange(path, **request)
            exchange.incoming.put_nowait({"type": "http.request", "body": b"", "more_body": False})
            async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as both:
                both.create_task(self.application(exchange.scope, exchange.incoming.get, exchange.send))
                both.create_task(story(exchange))
            return exchange.reply

        return async_to_sync(asking)()


class PagesVisitor(Visitor):
    host = "pages.localhost:8000"
    application = staticmethod(asgi.pages)


@pytest.fixture
def supervisor(settings, site_settings, tmp_path) -> Iterator[FakeSupervisor]:
    settings.IVLE_SANDBOX_SOCKET = tmp_path / "sandbox.sock"  # short enough for a socket's name
    fake = FakeSupervisor(settings.IVLE_SANDBOX_SOCKET, settings.IVLE_HOMES)
    yield fake
    assert fake.idle.wait(PATIENCE_SECONDS), "a program outlived its request"
    fake.close()


@pytest.fixture
def home(settings, site_settings, student) -> Home:
    return Home(settings.IVLE_HOMES / "student", student)


@pytest.fixture
def owner(student, home, supervisor) -> Visitor:
    """The student, logged in, asking for what is below /serve/."""
    visitor = Visitor()
    visitor.log_in(student)
    return visitor


@pytest.fixture
def anybody(home, supervisor) -> PagesVisitor:
    """Somebody on the pages host, whom nobody knows."""
    return PagesVisitor()


@pytest.fixture
def run(owner, home) -> Callable[..., Reply]:
    """run(source) is what the owner sees of a program."""

    def running(source: str, path: str = "", **request: Any) -> Reply:
        home.write("program.py", source)
        return owner.ask(f"/serve/student/program.py{path}", **request)

    return running


@pytest.fixture
def gate(home) -> Iterator[Gate]:
    gate = Gate(home)
    yield gate
    gate.close()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has printed is soon over, however busy the machine is."""
    monkeypatch.setattr("cgirunner.program.PATIENCE_SECONDS", 20.0)

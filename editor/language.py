"""The language server of an editor by a WebSocket, /editor/language/socket: one message of the Language Server Protocol
in each text frame. A plain ASGI application, like console/websocket.py.

What is said is between the page and the server: it is carried, never read. The editor works without.
"""

from __future__ import annotations

import asyncio
import stat
from typing import Any, Final

from django.conf import settings

from accounts import rights
from accounts.credentials import Credential
from accounts.models import Person
from accounts.upgrade import NotLetIn, Receive, Scope, Send, query_of, refuse
from accounts.visitor import Visitor
from editor import words
from editor.endings import Ending, of_fault, of_outcome
from editor.file_path import is_python, parts_of
from editor.framing import MESSAGE_MAX_BYTES, BadFrame
from editor.language_server import LanguageServer, job_of
from editor.pace import Pace
from files.access import may_write
from files.faults import FileFault
from files.homes import hold_home
from files.lookup import NotThere
from files.paths import BadPath
from files.spot import hold_file
from sandbox.faults import SandboxError

IDLE_SECONDS: Final = 600.0
HEARING_SECONDS: Final = 20.0  # in which a server that works reads what it is sent
ENDING_SECONDS: Final = 5.0  # how it ended is known soon after its last word


class Grant(rights.Grant[Ending]):
    """That somebody may edit in their home."""

    def verdict(self, person: Person | None) -> Ending | None:
        if person is None:
            return Ending("logged_out", words.logged_out())
        owner = self.credential.person.username
        return None if may_write(person, owner) else Ending("rights", words.rights_gone())


async def language_socket(scope: Scope, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        credential, parts = await let_in(scope)
    except NotLetIn as refusal:
        await refuse(scope, send, refusal.status)
        return
    await send({"type": "websocket.accept", "subprotocol": None})
    try:
        ending = await serve(credential, parts, receive, send)
    except SandboxError as fault:
        ending = of_fault(fault)
    except asyncio.CancelledError:
        await say_goodbye(Ending("going_away", words.going_away()), send)
        raise
    if ending is not None:
        await say_goodbye(ending, send)


async def let_in(scope: Scope) -> tuple[Credential, tuple[bytes, ...]]:
    """Who it is, and the file they edit. Raises NotLetIn."""
    credential = await Visitor.of(scope).who()
    if credential is None:
        raise NotLetIn(403)
    owner = credential.person.username
    try:
        query = query_of(scope)
        parts = parts_of(query.get("path", ""))
    except (BadPath, ValueError):
        raise NotLetIn(404) from None
    is_ones_own = query.get("owner", owner) == owner and may_write(credential.person, owner)
    has_help = settings.IVLE_LANGUAGE_SERVER and is_python(parts)
    if not (is_ones_own and has_help and await asyncio.to_thread(can_be_edited, owner, parts)):
        raise NotLetIn(404)
    return credential, parts


def can_be_edited(owner: str, parts: tuple[bytes, ...]) -> bool:
    """A file of the home, or one that may yet be saved there."""
    try:
        with hold_home(owner) as home, hold_file(home, parts) as spot:
            status = spot.status()
    except (NotThere, FileFault):
        return False
    return status is None or stat.S_ISREG(status.st_mode)


async def serve(credential: Credential, parts: tuple[bytes, ...], receive: Receive, send: Send) -> Ending | None:
    """Until one side ends it; None once the browser has left. Raises SandboxError."""
    with Grant(credential) as grant:
        async with LanguageServer.start(job_of(credential.person.username, parts[:-1])) as server:
            talk = Talk(server, receive, send)
            ways: list[asyncio.Task[Ending | None]] = [
                asyncio.create_task(way) for way in (talk.from_browser(), talk.to_browser(), talk.until_idle())
            ]
            reasons: set[asyncio.Future[Any]] = {*ways, grant.revoked}
            try:
                await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
                if grant.revoked.done():
                    return grant.revoked.result()
                return next(way.result() for way in ways if way.done())
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)


class Talk:
    """Between a page and its server. Each way goes on until there is a reason to end, or returns None for a page that
    has left."""

    def __init__(self, server: LanguageServer, receive: Receive, send: Send) -> None:
        self.server = server
        self.receive = receive
        self.send = send
        self.heard = asyncio.Event()

    async def from_browser(self) -> Ending | None:
        pace = Pace()
        while True:
            event = await self.receive()
            if event["type"] != "websocket.receive":
                return None
            text = event.get("text") or ""
            self.heard.set()
            if len(text) > MESSAGE_MAX_BYTES:
                return Ending("too_large", words.too_large())
            if not text:
                return Ending("protocol", words.not_text())
            if not pace.allows(len(text)):
                return Ending("too_fast", words.too_fast())
            try:
                async with asyncio.timeout(HEARING_SECONDS):
                    await self.server.send(text)
            except TimeoutError:
                return Ending("ended", words.it_does_not_hear())

    async def to_browser(self) -> Ending:
        """Waits for a browser that is slow to read, and the server with it."""
        pace = Pace()
        try:
            while (text := await self.server.read()) is not None:
                if not pace.allows(len(text)):
                    return Ending("ended", words.it_says_nonsense())
                await self.send({"type": "websocket.send", "text": text, "ivle.wait": True})
        except BadFrame:
            return Ending("ended", words.it_says_nonsense())
        try:
            async with asyncio.timeout(ENDING_SECONDS):
                return of_outcome(await self.server.outcome())
        except TimeoutError:  # it only fell silent
            return Ending("ended", words.it_ended())
        except SandboxError as fault:
            return of_fault(fault)

    async def until_idle(self) -> Ending:
        try:
            while True:
                self.heard.clear()
                async with asyncio.timeout(IDLE_SECONDS):
                    await self.heard.wait()
        except TimeoutError:
            return Ending("idle", words.idle())


async def say_goodbye(ending: Ending, send: Send) -> None:
    await send({"type": "websocket.send", "text": ending.text})
    await send({"type": "websocket.close", "code": ending.code})

"""terminado's WebSocket on our consoles: JSON arrays, text alone, no acknowledgements. ivle/asgi.py sends
/terminals/websocket/<name> here.

Whoever types has the keyboard, as there. What a client has not read makes the program wait: our web server says when.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import secrets
from collections import deque
from typing import Any, Final

from django.conf import settings

from accounts.upgrade import NotLetIn, Receive, Scope, Send, refuse
from accounts.visitor import Visitor
from console import words
from console.pace import Pace
from console.protocol import EXTENT_MAX, INPUT_CREDIT_BYTES, INPUT_MAX_BYTES, CloseCode
from console.rights import Grant
from console.terminals import find_terminal
from console.watching import sandbox_client
from sandbox import consoles
from sandbox.consoles import Attachment, Event, Output, SessionGone, Size
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused

WAITING_MAX_BYTES: Final = 16 * 1024 * 1024  # input that the program does not read; past it the client is cut off


async def terminal_socket(scope: Scope, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        attachment, grant = await let_in(scope)
    except NotLetIn as refusal:
        await refuse(scope, send, refusal.status)
        return
    async with attachment:
        with grant:
            await send({"type": "websocket.accept", "subprotocol": None})
            await say(send, "setup", {})
            await carry(Terminal(attachment, send), grant, receive)


async def let_in(scope: Scope) -> tuple[Attachment, Grant]:
    """Raises NotLetIn."""
    try:
        visitor = Visitor.of(scope, ("bearer", "token"), in_query=True)
        credential = await visitor.who()
        if credential is None:
            raise NotLetIn(403)
        person = credential.person
        info = await find_terminal(person, scope["url_route"]["kwargs"]["name"])
        client = sandbox_client(person, secrets.token_hex(16))
        socket = settings.IVLE_SANDBOX_SOCKET
        attachment = await consoles.attach(socket, info.id, client, person.username, None, drives=True)
    except SessionGone:
        raise NotLetIn(404) from None
    except SandboxBusy:
        raise NotLetIn(429) from None
    except (SandboxRefused, ValueError):
        raise NotLetIn(400) from None
    except SandboxError:
        raise NotLetIn(503) from None
    return attachment, Grant(credential, info)


async def say(send: Send, *message: Any) -> None:
    await send({"type": "websocket.send", "text": json.dumps(message), "ivle.wait": True})


async def carry(terminal: Terminal, grant: Grant, receive: Receive) -> None:
    ways: set[asyncio.Future[Any]] = {
        asyncio.ensure_future(terminal.carry_to_client()),
        asyncio.ensure_future(terminal.carry_from_client(receive)),
        grant.revoked,
    }
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*(way for way in ways if way is not grant.revoked), return_exceptions=True)
    code = CloseCode.LOGGED_OUT if grant.revoked in done else next(way.result() for way in done)
    if code is not None:
        await terminal.send({"type": "websocket.close", "code": int(code)})  # Daphne takes no kind of int


class Terminal:
    """One client on one console. Each carrier returns the close code, or None once the client has left."""

    def __init__(self, attachment: Attachment, send: Send) -> None:
        self.attachment = attachment
        self.send = send
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a character may be cut in two by a read
        self.waiting: deque[bytes] = deque()
        self.waiting_bytes = 0
        self.typed = attachment.typed  # handed to the sandbox

    async def carry_to_client(self) -> int:
        try:
            while True:
                arrival = await self.attachment.read()
                if isinstance(arrival, Output):
                    text = self.decoder.decode(arrival.data)
                    if text:
                        await say(self.send, "stdout", text)
                    self.attachment.ack(arrival.offset + len(arrival.data))
                elif isinstance(arrival, Event) and arrival.kind == "typed":
                    self.type_on()
                elif isinstance(arrival, Event) and arrival.kind == "ending":
                    await say(self.send, "stdout", f"\r\n[{words.ending(arrival.content['seconds'])}]\r\n")
                elif isinstance(arrival, Event) and arrival.kind == "ended":
                    break
        except SandboxError:  # the console was ended, or the sandbox
            pass
        await say(self.send, "disconnect", 1)
        return CloseCode.ENDED

    async def carry_from_client(self, receive: Receive) -> int | None:
        pace = Pace()
        while True:
            event = await receive()
            if event["type"] != "websocket.receive":
                return None
            if not self.hear(event.get("text") or "") or not pace.allows():
                return CloseCode.TOO_FAST

    def hear(self, text: str) -> bool:
        """Messages of other kinds, and what is none, are ignored, as terminado does. False: too much waits."""
        match parse(text):
            case ["stdin", str() as typed]:
                self.attachment.drive()
                data = typed.encode("utf-8", "replace")
                self.waiting += [data[at : at + INPUT_MAX_BYTES] for at in range(0, len(data), INPUT_MAX_BYTES)]
                self.waiting_bytes += len(data)
                self.type_on()
            case ["set_size", int() as rows, int() as columns, *_] if rows > 0 < columns:
                self.attachment.drive()
                self.attachment.resize(Size(min(rows, EXTENT_MAX), min(columns, EXTENT_MAX)))
        return self.waiting_bytes <= WAITING_MAX_BYTES

    def type_on(self) -> None:
        """As much as may be on its way to the program."""
        while self.waiting and self.typed + len(self.waiting[0]) - self.attachment.typed <= INPUT_CREDIT_BYTES:
            piece = self.waiting.popleft()
            self.waiting_bytes -= len(piece)
            self.attachment.type(self.typed, piece)
            self.typed += len(piece)


def parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

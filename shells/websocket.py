"""The WebSocket of a guest's shell, /shells/socket. Its capability lets it in, and nothing else does.

No cookie and no token is looked at, so whoever is logged in is a guest here like all others. The page of the frame has
no origin; a page that has one, whosever it is, is refused.
"""

from __future__ import annotations

import asyncio
from typing import Final, Self

from django.conf import settings

from accounts.upgrade import NotLetIn, Receive, Scope, Send, query_of, refuse
from console import protocol
from console.watching import Closing
from console.websocket import accept, carry, say_goodbye
from sandbox import consoles
from sandbox.consoles import SessionGone, Size
from sandbox.faults import SandboxError
from shells import capability as capabilities
from shells import rates, words
from shells.addresses import address_of
from shells.capability import Capability
from shells.starting import NotNow, open_shell
from shells.watching import GuestWatching, attach, end

PREFIX: Final = "ivle.guest."  # of the subprotocol that carries the capability
NO_ORIGIN: Final = [b"null"]


class Stay:
    """As long as a shell may live; `over` is done with the last word once it has."""

    def __init__(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self.over: asyncio.Future[Closing] = loop.create_future()
        self.timer = loop.call_later(max(seconds, 0.0), self.end)

    def end(self) -> None:
        if not self.over.done():
            self.over.set_result(Closing("ended", words.time_is_up()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.timer.cancel()


async def guest_socket(scope: Scope, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        capability = let_in(scope)
        offset, size = read_query(scope)
    except NotLetIn as refusal:
        await refuse(scope, send, refusal.status)
        return
    try:
        watching = await attached(scope, capability, offset, size)
    except Closing as closing:  # after the upgrade: a browser shows nobody what came in place of one
        await accept(scope, send)
        await say_goodbye(closing, send)
        return
    await keep(watching, capability, scope, receive, send)


async def keep(watching: GuestWatching, capability: Capability, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        with Stay(capability.left_seconds) as stay:
            await accept(scope, send)
            await send({"type": "websocket.send", "text": watching.welcome()})
            await carry(watching, stay.over, receive, send)
            if stay.over.done() and not stay.over.cancelled():
                await end(watching.info.id)
    finally:
        watching.close()


def let_in(scope: Scope) -> Capability:
    """Raises NotLetIn."""
    if [value for name, value in scope["headers"] if name == b"origin"] != NO_ORIGIN:
        raise NotLetIn(403)
    shown = [name.removeprefix(PREFIX) for name in scope["subprotocols"] if name.startswith(PREFIX)]
    capability = capabilities.read(shown[0]) if len(shown) == 1 else None
    if capability is None:
        raise NotLetIn(403)
    return capability


def read_query(scope: Scope) -> tuple[int | None, Size]:
    """The first byte of output not seen yet, and the terminal's size. Raises NotLetIn."""
    try:
        query = query_of(scope)
        offset = int(query["offset"]) if query.get("offset") else None
        size = Size.from_message({name: int(query[name]) for name in ("rows", "columns")})
    except (KeyError, ValueError):
        raise NotLetIn(400) from None
    if offset is not None and not protocol.is_offset(offset):
        raise NotLetIn(400)
    return offset, size


async def attached(scope: Scope, capability: Capability, offset: int | None, size: Size) -> GuestWatching:
    """Raises Closing."""
    try:
        if capability.left_seconds <= 0:
            raise Closing("ended", words.time_is_up())
        try:
            info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, capability.session_id)
        except SessionGone:
            if not capability.may_start:
                raise
            info = await open_shell(capability, address_of(scope), size)
        return await attach(info, offset)
    except NotNow as refusal:
        raise Closing("not_started", str(refusal)) from refusal
    except (SessionGone, rates.StartedBefore):
        raise Closing("ended", words.over()) from None
    except SandboxError as fault:
        raise Closing("not_started", words.away()) from fault

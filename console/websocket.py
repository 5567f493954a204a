"""The WebSocket of a console, as a plain ASGI application: a Channels consumer would add half a millisecond to an echo.

ivle/asgi.py sends /console/<session>/socket here. What is said is watching.py's; this carries it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings

from accounts.models import Person
from accounts.upgrade import NotLetIn, Receive, Scope, Send, query_of, refuse
from accounts.visitor import Visitor
from console import access, protocol, words
from console.departing import note_departure
from console.pace import Pace
from console.protocol import ProtocolError
from console.rights import Grant
from console.watching import Closing, Watching, attach
from sandbox import consoles
from sandbox.consoles import Output, SessionGone
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused

CLIENT: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{protocol.CLIENT_MAX_CHARACTERS}}}", re.ASCII)
OFFSET: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
PACK: Final = protocol.OFFSET.pack


async def console_socket(scope: Scope, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        watching, grant = await let_in(scope)
    except NotLetIn as refusal:
        await refuse(scope, send, refusal.status)
        return
    with leaving(watching):
        await accept(scope, send)
        await talk(watching, grant, receive, send)


@contextmanager
def leaving(watching: Watching) -> Iterator[None]:
    """However the page comes to leave."""
    try:
        yield
    finally:
        watching.close()
        note_departure(watching.info)


async def talk(watching: Watching, grant: Grant, receive: Receive, send: Send) -> None:
    """Everything after the upgrade, until one side has left."""
    with grant:
        await send({"type": "websocket.send", "text": watching.welcome()})
        await carry(watching, grant.revoked, receive, send)


async def accept(scope: Scope, send: Send) -> None:
    subprotocol = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": subprotocol})


async def let_in(scope: Scope) -> tuple[Watching, Grant]:
    """Raises NotLetIn."""
    visitor = Visitor.of(scope)
    session_id = scope["url_route"]["kwargs"]["session_id"]
    try:
        try:
            info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
        except SessionGone:
            info = None

        def may_watch(person: Person) -> bool:
            return info is not None and access.may_look(person, info)

        credential, is_watcher = await visitor.who_may(may_watch)
        if credential is None:
            raise NotLetIn(403)
        if info is None or not is_watcher:
            raise NotLetIn(404)
        client, offset, drives = read_query(scope)
        watching = await attach(info, credential.person, client, offset, drives=drives)
    except SessionGone:
        raise NotLetIn(404) from None
    except SandboxBusy:
        raise NotLetIn(429) from None
    except SandboxRefused:
        raise NotLetIn(400) from None
    except SandboxError:
        raise NotLetIn(503) from None
    return watching, Grant(credential, info)


def read_query(scope: Scope) -> tuple[str, int | None, bool]:
    """Client, offset and whether it wants the keyboard. Raises NotLetIn."""
    try:
        query = query_of(scope)
    except ValueError:
        raise NotLetIn(400) from None
    client, offset = query.get("client", ""), query.get("offset", "")
    if not CLIENT.fullmatch(client) or (offset and not OFFSET.fullmatch(offset)):
        raise NotLetIn(400)
    return client, int(offset) if offset else None, query.get("drives") == "1"


async def carry(watching: Watching, revoked: asyncio.Future[Closing], receive: Receive, send: Send) -> None:
    """Both ways, until one side ends it or the right is gone."""
    to_browser = asyncio.ensure_future(carry_to_browser(watching, send))
    from_browser = asyncio.ensure_future(carry_from_browser(watching, receive, send))
    ways: set[asyncio.Future[Any]] = {to_browser, from_browser, revoked}
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        closing = next((way.result() for way in (revoked, from_browser, to_browser) if way in done), None)
    except asyncio.CancelledError:
        await say_goodbye(watching.going_away(), send)
        raise
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(to_browser, from_browser, return_exceptions=True)
    if closing is not None:
        await say_goodbye(closing, send)


async def say_goodbye(closing: Closing, send: Send) -> None:
    await send({"type": "websocket.send", "text": closing.text})
    await send({"type": "websocket.close", "code": closing.code})


async def carry_to_browser(watching: Watching, send: Send) -> Closing:
    try:
        while True:
            arrival = await watching.next()
            if isinstance(arrival, Output):
                await send({"type": "websocket.send", "bytes": PACK(arrival.offset) + arrival.data})
            else:
                await send({"type": "websocket.send", "text": arrival})
    except Closing as closing:
        return closing


async def carry_from_browser(watching: Watching, receive: Receive, send: Send) -> Closing | None:
    """None once the browser has left."""
    pace = Pace()
    try:
        while True:
            event = await receive()
            if event["type"] != "websocket.receive":
                return None
            acknowledged = watching.acknowledged
            data = event.get("bytes")
            message = protocol.parse_text(event["text"]) if data is None else protocol.parse_binary(data)
            for text in await watching.hear(message):
                await send({"type": "websocket.send", "text": text})
            if watching.acknowledged == acknowledged and not pace.allows():
                return Closing("too_fast", words.too_fast())
    except ProtocolError as fault:
        return Closing("protocol", str(fault))
    except Closing as closing:
        return closing

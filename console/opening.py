"""A new console and a page on it by one WebSocket, /console/new/socket: from a click to the prompt in one go.

What the query may ask for is what the API's StartIn takes. Lost before its welcome, the page asks again with the same
name and gets the same console.
"""

from __future__ import annotations

from pydantic import ValidationError

from accounts.credentials import Credential
from accounts.upgrade import NotLetIn, Receive, Scope, Send, query_of, refuse
from accounts.visitor import Visitor
from console import words
from console.api import StartIn
from console.policies import Queued, TooMany
from console.programs import BadStart
from console.rights import Grant
from console.starting import open_console
from console.watching import Closing, Watching, attach
from console.websocket import accept, leaving, read_query, say_goodbye, talk
from sandbox.consoles import SessionGone, Size
from sandbox.faults import SandboxError


async def opening_socket(scope: Scope, receive: Receive, send: Send) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        start, credential = await let_in(scope)
    except NotLetIn as refusal:
        await refuse(scope, send, refusal.status)
        return
    await accept(scope, send)  # now: no server waits for that as long as a queue may last
    try:
        watching = await opened(scope, start, credential)
    except Closing as closing:
        await say_goodbye(closing, send)
        return
    with leaving(watching):
        await talk(watching, Grant(credential, watching.info), receive, send)


async def let_in(scope: Scope) -> tuple[StartIn, Credential]:
    """Raises NotLetIn."""
    credential = await Visitor.of(scope).who()
    if credential is None:
        raise NotLetIn(403)
    read_query(scope)
    wishes = {name: value for name, value in query_of(scope).items() if name in StartIn.model_fields}
    try:
        return StartIn(**wishes), credential  # type: ignore[arg-type]
    except ValidationError:
        raise NotLetIn(400) from None


async def opened(scope: Scope, start: StartIn, credential: Credential) -> Watching:
    """Raises Closing, with the sentence why there is no console, or none yet."""
    client, offset, drives = read_query(scope)
    person = credential.person
    try:
        program = start.what()
        info = await open_console(person.username, program, start.policy, start.name, Size(start.rows, start.columns))
        return await attach(info, person, client, offset, drives=drives)
    except Queued as queued:
        raise Closing("queued", queued.place) from queued
    except (BadStart, TooMany) as refusal:
        raise Closing("not_started", str(refusal)) from refusal
    except SessionGone:
        raise Closing("ended", words.gone()) from None
    except SandboxError as fault:
        raise Closing("not_started", words.sandbox_away()) from fault

"""A console where WebSockets are blocked: server-sent events for what comes, a POST for each message that goes.

Carries what watching.py says, as websocket.py does; the page changes over by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from accounts.authentication import BySession, ByToken, credential_of, person_of
from accounts.credentials import Credential
from console import protocol, words
from console.api import PROBLEMS, NotAllowed
from console.departing import note_departure
from console.pace import Pace
from console.protocol import ProtocolError
from console.rights import Grant
from console.starting import find_console
from console.watching import Closing, Watching, attach, sandbox_client
from sandbox.consoles import Output, SessionInfo
from sandbox.faults import SandboxError

# The web server keeps what a browser does not read, without a bound; so a stream ends, and the page asks for the next.
STREAM_MAX_CHARACTERS: Final = 4 * 1024 * 1024
STREAMS_MAX: Final = 16  # of one person
BEAT_SECONDS: Final = 15.0  # a comment, so that proxies do not think us dead, and we notice a browser that has gone
router = Router(auth=[ByToken(), BySession()], tags=["consoles without WebSockets"])
_streams: dict[tuple[str, str], Stream] = {}
_counts: Counter[int] = Counter()


class Stream:
    """One page's events."""

    def __init__(self, watching: Watching) -> None:
        self.watching = watching
        self.pace = Pace()
        self.texts: asyncio.Queue[str] = asyncio.Queue()
        self.closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    def close(self, closing: Closing) -> None:
        """The first reason counts: messages may be posted at the same time."""
        if not self.closing.done():
            self.closing.set_result(closing)

    async def said(self, grant: Grant) -> AsyncGenerator[str, None]:
        """Everything that the page is told, and "" now and then."""
        yield self.watching.welcome()
        left = STREAM_MAX_CHARACTERS
        arriving: asyncio.Future[Any] = asyncio.ensure_future(self.watching.next())
        answering: asyncio.Future[Any] = asyncio.ensure_future(self.texts.get())
        try:
            while left > 0:
                ways = {grant.revoked, self.closing, answering, arriving}
                done, _ = await asyncio.wait(ways, timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                ending = next((way for way in (grant.revoked, self.closing) if way in done), None)
                if ending is not None:
                    yield ending.result().text
                    return
                text = ""
                if answering in done:
                    text = answering.result()
                    answering = asyncio.ensure_future(self.texts.get())
                elif arriving in done:
                    text = text_of(arriving.result())
                    arriving = asyncio.ensure_future(self.watching.next())
                left -= len(text)
                yield text
        except Closing as closing:
            yield closing.text
        finally:
            arriving.cancel()
            answering.cancel()


async def events(
    info: SessionInfo, credential: Credential, client: str, offset: int | None, drives: bool
) -> AsyncGenerator[bytes, None]:
    """Attached here and not before: an answer that nobody begins to read leaves nothing behind."""
    person = credential.person
    _counts[person.pk] += 1
    try:
        if _counts[person.pk] <= STREAMS_MAX:  # or many have asked at once
            watching = await attach(info, person, client, offset, drives=drives)
            async with aclosing(events_of(watching, credential, client)) as told:
                async for event in told:
                    yield event
    except SandboxError:
        return
    finally:
        _counts[person.pk] -= 1


async def events_of(watching: Watching, credential: Credential, client: str) -> AsyncGenerator[bytes, None]:
    info = watching.info
    stream, key = Stream(watching), (info.id, sandbox_client(credential.person, client))
    _streams[key] = stream
    try:
        with Grant(credential, info) as grant:
            async with aclosing(stream.said(grant)) as said:
                async for text in said:
                    yield f"data: {text}\n\n".encode() if text else b": still here\n\n"
    finally:
        if _streams.get(key) is stream:
            del _streams[key]
        watching.close()
        note_departure(info)


class EventStream:
    """The body of an answer. Django closes it when the browser has gone, where it would leave a generator to chance."""

    def __init__(self, generator: AsyncGenerator[bytes, None]) -> None:
        self.generator = generator
        self.loop = asyncio.get_running_loop()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.generator

    def close(self) -> None:
        """From any thread."""
        asyncio.run_coroutine_threadsafe(self.generator.aclose(), self.loop)


def text_of(arrival: Output | str) -> str:
    return protocol.make_output(arrival.offset, arrival.data) if isinstance(arrival, Output) else arrival


class EventsQuery(Schema):
    client: str = Field(..., pattern=rf"^[A-Za-z0-9_-]{{1,{protocol.CLIENT_MAX_CHARACTERS}}}$")
    offset: str = Field("", pattern=r"^[0-9]{0,15}$")
    drives: str = ""


class MessagesQuery(Schema):
    client: str = Field(..., pattern=rf"^[A-Za-z0-9_-]{{1,{protocol.CLIENT_MAX_CHARACTERS}}}$")


@router.get("/{session_id}/events", response={200: None, **PROBLEMS})
async def follow_console(request: HttpRequest, session_id: str, query: Query[EventsQuery]) -> StreamingHttpResponse:
    """The messages of docs/protocol.md as server-sent events, output in base64."""
    credential = credential_of(request)
    info = await find_console(credential.person, session_id)
    if _counts[credential.person.pk] >= STREAMS_MAX:
        raise NotAllowed(words.too_many_streams(STREAMS_MAX))
    offset = int(query.offset) if query.offset else None
    body = events(info, credential, query.client, offset, query.drives == "1")
    response = StreamingHttpResponse(EventStream(body), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@router.post("/{session_id}/messages", response={204: None, **PROBLEMS})
async def tell_console(request: HttpRequest, session_id: str, query: Query[MessagesQuery]) -> HttpResponse:
    """One message of a page whose events are under way: docs/protocol.md, and input with its bytes in base64."""
    stream = _streams.get((session_id, sandbox_client(person_of(request), query.client)))
    if stream is None or stream.closing.done():
        return problem(409, words.no_stream())
    try:
        message = protocol.parse_posted(request.body.decode("utf-8", "replace"))
        acknowledged = stream.watching.acknowledged
        for text in await stream.watching.hear(message):
            stream.texts.put_nowait(text)
    except ProtocolError as fault:
        return problem(400, str(fault))
    except Closing as closing:
        stream.close(closing)
    else:
        if stream.watching.acknowledged == acknowledged and not stream.pace.allows():
            stream.close(Closing("too_fast", words.too_fast()))
    return HttpResponse(status=204)


def problem(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(json.dumps({"detail": sentence}), status=status, content_type="application/json")

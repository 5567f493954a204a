"""A console where WebSockets are blocked: server-sent events for what comes, a POST for each message that goes.

Carries what watching.py says, as websocket.py does; the page changes over by itself. Its posts may come to any of the
web processes: doors.py takes them to the one that sends the events.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from accounts import places
from accounts.authentication import BySession, ByToken, credential_of, person_of
from accounts.credentials import Credential
from accounts.models import Person
from console import doors, protocol, words
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
_streams: dict[doors.Key, Stream] = {}


class Stream:
    """One page's events."""

    def __init__(self, watching: Watching, key: doors.Key, ending: asyncio.Event) -> None:
        self.watching = watching
        self.ending = ending  # set once this web process ends
        self.door = doors.Door(key, self.hear)
        self.pace = Pace()
        self.texts: asyncio.Queue[str] = asyncio.Queue()
        self.closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    def close(self, closing: Closing) -> None:
        """The first reason counts: messages may be posted at the same time."""
        if not self.closing.done():
            self.closing.set_result(closing)

    async def hear(self, text: str) -> doors.Reply:
        """A message of the page."""
        if self.closing.done():
            return 409, words.no_stream()
        try:
            message = protocol.parse_posted(text)
            acknowledged = self.watching.acknowledged
            for answer in await self.watching.hear(message):
                self.texts.put_nowait(answer)
        except ProtocolError as fault:
            return 400, str(fault)
        except Closing as closing:
            self.close(closing)
        else:
            if self.watching.acknowledged == acknowledged and not self.pace.allows():
                self.close(Closing("too_fast", words.too_fast()))
        return 204, ""

    async def said(self, grant: Grant) -> AsyncGenerator[str, None]:
        """Everything that the page is told, and "" now and then."""
        yield self.watching.welcome()
        left = STREAM_MAX_CHARACTERS
        arriving: asyncio.Future[Any] = asyncio.ensure_future(self.watching.next())
        answering: asyncio.Future[Any] = asyncio.ensure_future(self.texts.get())
        going: asyncio.Future[Any] = asyncio.ensure_future(self.ending.wait())
        try:
            while left > 0:
                ways = {grant.revoked, self.closing, answering, arriving, going}
                done, _ = await asyncio.wait(ways, timeout=BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                ending = next((way for way in (grant.revoked, self.closing) if way in done), None)
                if ending is not None:
                    yield ending.result().text
                    return
                if going in done:
                    yield self.watching.going_away().text
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
            for way in (arriving, answering, going):
                way.cancel()


async def events(
    info: SessionInfo, credential: Credential, client: str, offset: int | None, drives: bool, ending: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    """Attached here and not before: an answer that nobody begins to read leaves nothing behind."""
    person = credential.person
    place = take_place(person)
    if place is None:  # many have asked at once
        return
    with place:
        try:
            watching = await attach(info, person, client, offset, drives=drives)
            async with aclosing(events_of(watching, credential, client, ending)) as told:
                async for event in told:
                    yield event
        except SandboxError:
            return


def take_place(person: Person) -> places.Place | None:
    return places.take(f"streams of {person.pk}", STREAMS_MAX)


async def events_of(
    watching: Watching, credential: Credential, client: str, ending: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    info = watching.info
    key = info.id, sandbox_client(credential.person, client)
    stream = _streams[key] = Stream(watching, key, ending)
    try:
        with Grant(credential, info) as grant:
            async with aclosing(stream.said(grant)) as said:
                async for text in said:
                    yield f"data: {text}\n\n".encode() if text else b": still here\n\n"
    finally:
        if _streams.get(key) is stream:
            del _streams[key]
        stream.door.close()
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
    place = take_place(credential.person)
    if place is None:
        raise NotAllowed(words.too_many_streams(STREAMS_MAX))
    place.leave()
    offset = int(query.offset) if query.offset else None
    ending = request.scope.get("ivle.ending") or asyncio.Event()  # type: ignore[attr-defined]
    body = events(info, credential, query.client, offset, query.drives == "1", ending)
    response = StreamingHttpResponse(EventStream(body), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


@router.post("/{session_id}/messages", response={204: None, **PROBLEMS})
async def tell_console(request: HttpRequest, session_id: str, query: Query[MessagesQuery]) -> HttpResponse:
    """One message of a page whose events are under way: docs/protocol.md, and input with its bytes in base64."""
    key = session_id, sandbox_client(person_of(request), query.client)
    text = request.body.decode("utf-8", "replace")
    stream = _streams.get(key)
    try:
        if stream is not None and stream.door.is_latest():
            status, sentence = await stream.hear(text)
        else:
            status, sentence = await doors.pass_on(key, text)
    except doors.NobodyThere:
        status, sentence = 409, words.no_stream()
    return problem(status, sentence) if sentence else HttpResponse(status=status)


def problem(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(json.dumps({"detail": sentence}), status=status, content_type="application/json")

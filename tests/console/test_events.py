"""A console without WebSockets: events that come, messages that are posted."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.test import AsyncClient

from accounts import rights
from accounts.tokens import make_token
from console import events
from sandbox.consoles import SessionGone
from tests.console.conftest import Event, FakeAttachment, Output, story


class Page:
    """One that follows s1."""

    def __init__(self, person, sandbox, client: str = "page-1") -> None:
        self.http = AsyncClient()
        self.headers = {"authorization": f"Bearer {make_token(person, 'page')}"}
        self.sandbox = sandbox
        self.client = client

    async def follow(self, offset: str = "", session: str = "s1") -> Page:
        query = {"client": self.client, "offset": offset, "drives": "1"}
        self.answer = await self.http.get(f"/api/consoles/{session}/events", query, headers=self.headers)
        self.stream: AsyncIterator[bytes] = aiter(self.answer.streaming_content)
        return self

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            event = (await anext(self.stream)).decode()
        assert event.startswith("data: ")
        assert event.endswith("\n\n")
        return json.loads(event.removeprefix("data: "))

    async def post(self, **content: Any):
        path = f"/api/consoles/s1/messages?client={self.client}"
        return await self.http.post(path, json.dumps(content), content_type="application/json", headers=self.headers)

    @property
    def attachment(self) -> FakeAttachment:
        return self.sandbox.attachments[-1]

    async def leave(self) -> None:
        """As Django does it when the browser has gone."""
        await self.stream.aclose()
        await asyncio.to_thread(self.answer.close)
        await self.attachment.until_closed()


@pytest.fixture
def page(student, sandbox) -> Page:
    sandbox.add()
    return Page(student, sandbox)


def test_what_comes(page) -> None:
    async def telling() -> None:
        await page.follow()
        assert page.answer["Content-Type"] == "text/event-stream"
        assert page.answer["Cache-Control"] == "no-store"
        assert (await page.hear())["kind"] == "welcome"
        page.attachment.say(Output(0, b"h\xff"), Event("replayed", {"offset": 2}))
        output = await page.hear()
        assert (output["kind"], output["offset"], base64.b64decode(output["data"])) == ("output", 0, b"h\xff")
        assert await page.hear() == {"kind": "replayed", "offset": 2}
        await page.leave()
        assert page.attachment.closed

    story(telling)


def test_it_goes_on_at_an_offset(page) -> None:
    async def telling() -> None:
        await page.follow(offset="70")
        assert (await page.hear())["offset"] == 70
        assert page.attachment.asked[0] == ("attach", 70)
        await page.leave()

    story(telling)


def test_what_goes(page) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        assert (await page.post(kind="size", rows=30, columns=90)).status_code == 204
        data = base64.b64encode(b"x\x00").decode()
        assert (await page.post(kind="input", offset=0, data=data)).status_code == 204
        assert page.attachment.asked[1:] == [("resize", 30, 90), ("type", 0, b"x\x00")]
        await page.leave()

    story(telling)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"kind": "sudo"}, "none of them"),
        ({"kind": "input", "offset": 0, "data": "#"}, "base64"),
        ({"kind": "input", "offset": 0, "data": ""}, "at least one byte"),
        ({"kind": "input", "offset": 9, "data": "eA=="}, "begins at 9"),
        ({"kind": "ack", "offset": 9}, "not been sent"),
    ],
)
def test_what_the_protocol_does_not_have(page, content, words) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        answer = await page.post(**content)
        assert answer.status_code == 400
        assert words in answer.json()["detail"]
        page.attachment.say(Output(0, b"on"))
        assert (await page.hear())["kind"] == "output"
        await page.leave()

    story(telling)


def test_a_refusal_comes_as_an_event(page) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        page.attachment.say(Event("watchers", {"watchers": []}))
        await page.hear()
        await page.post(kind="interrupt")
        assert (await page.hear())["reason"] == "read_only"
        await page.leave()

    story(telling)


def test_without_events_no_messages(page) -> None:
    async def telling() -> None:
        assert (await page.post(kind="interrupt")).status_code == 409

    story(telling)


def test_nobody_posts_to_anothers_page(page, sandbox, administrator) -> None:
    other = Page(administrator, sandbox, page.client)

    async def telling() -> None:
        await page.follow()
        await page.hear()
        assert (await other.post(kind="interrupt")).status_code == 409
        assert ("interrupt",) not in page.attachment.asked
        await page.leave()

    story(telling)


def test_ending_it(page, sandbox) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        await page.post(kind="end")
        assert (await page.hear())["reason"] == "ended"
        with pytest.raises(StopAsyncIteration):
            await anext(page.stream)
        assert sandbox.ended == ["s1"]

    story(telling)


def test_somebody_else_ended_it(page, sandbox) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        sandbox.sessions.clear()
        page.attachment.say(SessionGone("gone"))
        assert (await page.hear())["reason"] == "ended"
        await page.leave()

    story(telling)


def test_a_right_that_is_gone(page, student) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        student.is_active = False
        await student.asave()
        await rights.look_again()
        assert (await page.hear())["reason"] == "logged_out"
        await page.leave()

    story(telling)


def test_a_stream_ends_before_it_is_long(page, monkeypatch) -> None:
    """What a browser does not read, the web server would keep without a bound."""
    monkeypatch.setattr(events, "STREAM_MAX_CHARACTERS", 1000)

    async def telling() -> None:
        await page.follow()
        await page.hear()
        for number in range(10):
            page.attachment.say(Output(number * 300, b"x" * 300))
        assert 1 < len([event async for event in page.stream]) < 6
        assert page.attachment.closed

    story(telling)


def test_a_beat_now_and_then(page, monkeypatch) -> None:
    monkeypatch.setattr(events, "BEAT_SECONDS", 0.01)

    async def telling() -> None:
        await page.follow()
        await page.hear()
        assert await anext(page.stream) == b": still here\n\n"
        await page.leave()

    story(telling)


def test_nobody_follows_very_many(page, student, sandbox, monkeypatch) -> None:
    monkeypatch.setattr(events, "STREAMS_MAX", 1)

    async def telling() -> None:
        await page.follow()
        await page.hear()
        second = await page.http.get("/api/consoles/s1/events", {"client": "page-2"}, headers=page.headers)
        assert second.status_code == 403
        await page.leave()

    story(telling)


def test_nobody_follows_very_many_at_once(page, student, sandbox, monkeypatch) -> None:
    """Where all of them asked before the first of them began."""
    monkeypatch.setattr(events, "STREAMS_MAX", 1)

    async def telling() -> None:
        pages = [Page.__new__(Page) for _ in range(3)]
        for number, one in enumerate(pages):
            one.__dict__ |= page.__dict__ | {"client": f"page-{number}"}
            await one.follow()
        assert (await pages[0].hear())["kind"] == "welcome"
        for one in pages[1:]:
            assert [event async for event in one.stream] == []
        assert len(sandbox.attachments) == 1
        await pages[0].leave()
        assert events.take_place(student) is not None

    story(telling)


def test_messages_at_the_same_time_of_which_two_end_it(page) -> None:
    """The second is too late to matter, and no fault."""

    async def telling() -> None:
        await page.follow()
        await page.hear()
        [stream] = events._streams.values()
        for reason in ("too_fast", "ended"):
            stream.close(events.Closing(reason, "first" if reason == "too_fast" else "second"))
        assert (await page.hear())["sentence"] == "first"
        await page.leave()

    story(telling)


def test_more_than_anybody_types(page, monkeypatch) -> None:
    async def telling() -> None:
        await page.follow()
        await page.hear()
        [stream] = events._streams.values()
        stream.pace.left = stream.pace.per_second = 0
        await page.post(kind="release")
        assert (await page.hear())["reason"] == "too_fast"
        await page.leave()

    story(telling)

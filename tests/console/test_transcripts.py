"""Plays tests/console/transcripts against the socket; `node --test` plays the same against the page's protocol.js."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from channels.routing import URLRouter

from console.protocol import OFFSET, make_text
from console.routing import sockets
from sandbox.consoles import Display, Event, Output
from tests.console.conftest import Browser, FakeSandbox, about, logged_in, story

FOLDER = Path(__file__).parent / "transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*.json"))


def arrival(step: dict[str, Any], own_client: str) -> Any:
    """What the supervisor reports, from the frame that stands for it."""
    if "binary_base64" in step:
        frame = base64.b64decode(step["binary_base64"])
        return Output(OFFSET.unpack_from(frame)[0], frame[8:])
    content = json.loads(step["text"].replace('"page-1"', json.dumps(own_client)))
    kind = content.pop("kind")
    if kind != "display":
        return Event(kind, content)
    data = base64.b64decode(content.pop("bytes_base64"))
    number = content.pop("number")
    return Display(number, json.dumps({**content, "bytes": len(data)}).encode() + b"\n" + data)


def frame_of(step: dict[str, Any]) -> Any:
    return base64.b64decode(step["binary_base64"]) if "binary_base64" in step else step["text"]


def expected(step: dict[str, Any]) -> Any:
    if "close" in step:
        return step["close"]
    return frame_of(step) if "binary_base64" in step else json.loads(step["text"])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path, sandbox: FakeSandbox, student, home) -> None:
    transcript = json.loads(path.read_text())
    session = dict(transcript["session"])
    program = session.pop("about", {})
    typed = session.pop("typed", 0)
    if program:
        (home / program["title"]).write_text("")
        program = {"file": program["title"]}
    sandbox.add(about=about(**program), **session)
    sandbox.at_attaching = lambda attachment: setattr(attachment, "typed", typed)
    headers = logged_in(student)

    async def playing() -> None:
        browser = await Browser(f"/console/s1/socket?{transcript['query']}", headers).connect(URLRouter(sockets))
        assert browser.first == {"type": "websocket.accept", "subprotocol": "ivle.console.1"}
        [attachment] = sandbox.attachments
        for step in transcript["steps"]:
            if step["from"] == "browser":
                browser.say(frame_of(step))
            elif step["from"] == "sandbox":
                attachment.say(arrival(step, attachment.client))
            else:
                assert await browser.hear() == expected(step)
        await browser.leave()
        assert attachment.closed

    story(playing)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_servers_frames_are_of_the_protocol(path: Path) -> None:
    for step in json.loads(path.read_text())["steps"]:
        if step["from"] == "server" and "text" in step:
            content = json.loads(step["text"])
            make_text(content.pop("kind"), content)

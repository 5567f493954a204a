"""The shared conversations of tests/console/transcripts: what is the client's in them, the client says too."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from client.conversation import Conversation
from client.protocol import FROM_CLIENT, decode_bytes, decode_message, encode_bytes, encode_message

FOLDER = Path(__file__).resolve().parent.parent / "console" / "transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*.json"))


class Screen:
    """Remembers what a conversation shows."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, bytes]] = []
        self.gaps = 0
        self.refusals = 0

    def on_output(self, data: bytes, end: int, *, answered: bool) -> None:
        self.shown.append((end - len(data), data))

    def on_gap(self, size_bytes: int) -> None:
        self.gaps += size_bytes

    def on_notice(self, sentence: str) -> None:
        self.notices = sentence

    def on_refused(self) -> None:
        self.refusals += 1


def frame_of(step: dict[str, Any]) -> str | bytes:
    return base64.b64decode(step["binary_base64"]) if "binary_base64" in step else step["text"]


def same(one: str | bytes) -> Any:
    return json.loads(one) if isinstance(one, str) else one


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_frame_of_the_browser_can_be_made(path: Path) -> None:
    for step in json.loads(path.read_text())["steps"]:
        if step["from"] != "browser" or step.get("bad"):
            continue
        frame = frame_of(step)
        if isinstance(frame, bytes):
            assert encode_bytes(*decode_bytes(frame)) == frame
        else:
            content = json.loads(frame)
            kind = content.pop("kind")
            assert json.loads(encode_message(kind, **content)) == json.loads(frame)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_follows(path: Path) -> None:
    """Fed with the server's frames, asked to do what the browser does, it says the browser's."""
    transcript = json.loads(path.read_text())
    query = parse_qs(transcript["query"], keep_blank_values=True)
    screen = Screen()
    conversation = Conversation(query["client"][0], screen)
    if query["offset"][0]:
        conversation.received = int(query["offset"][0])
    output: list[tuple[int, bytes]] = []
    for step in transcript["steps"]:
        frame = None if "close" in step else frame_of(step)
        if step["from"] == "server":
            if frame is None:
                conversation.lose(step["close"])
                continue
            if isinstance(frame, bytes):
                output.append(decode_bytes(frame))
            conversation.receive(frame)
        elif step.get("bad"):
            if isinstance(frame, bytes) and len(frame) > 8:
                conversation.queue.resume(decode_bytes(frame)[0] + len(frame) - 8)  # as if it had been ours
        elif step["from"] == "browser" and asks(conversation, frame):
            assert [same(said) for said in conversation.frames()] == [same(frame)]
    if path.stem != "coming_back":
        assert screen.shown == output
    if any("close" in step for step in transcript["steps"]):
        assert conversation.ending
        assert conversation.ending.status != 0


def asks(conversation: Conversation, frame: str | bytes | None) -> bool:
    """Does what the frame stands for; False where this client never says that, or not at this time."""
    if isinstance(frame, bytes):
        offset, data = decode_bytes(frame)
        assert conversation.queue.end == offset
        return conversation.type(data)
    assert frame
    content = json.loads(frame)
    kind = content["kind"]
    assert kind in FROM_CLIENT
    if kind == "size":
        conversation.resize(content["rows"], content["columns"])
    return kind == "size"


def test_kinds_of_a_newer_server_are_passed_over() -> None:
    assert decode_message('{"kind":"fireworks","colour":"red"}') is None

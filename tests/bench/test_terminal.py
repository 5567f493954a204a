"""The bench's page does what a page does: acknowledges output, holds input back, says where the cursor is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from bench.terminal import OurTerminal, TerminadoTerminal, plain
from bench.websocket import Opcode, WebSocket
from console.protocol import ACK_EVERY_BYTES, INPUT_CREDIT_BYTES, INPUT_MAX_BYTES, OFFSET


class Wire:
    """In place of a WebSocket: `coming` is what the server says next."""

    def __init__(self) -> None:
        self.coming: list[tuple[Opcode, bytes]] = []
        self.sent: list[tuple[Opcode, bytes]] = []

    def receive(self) -> None:
        pass

    def frames(self) -> Iterator[tuple[Opcode, bytes]]:
        while self.coming:
            yield self.coming.pop(0)

    def send(self, opcode: Opcode, data: bytes) -> None:
        self.sent.append((opcode, data))

    def told(self, kind: str) -> list[dict[str, Any]]:
        messages = [json.loads(data) for opcode, data in self.sent if opcode is Opcode.TEXT]
        return [message for message in messages if message["kind"] == kind]

    def typed(self) -> list[tuple[int, int]]:
        """Offset and length of each frame of input."""
        frames = [data for opcode, data in self.sent if opcode is Opcode.BINARY]
        return [(OFFSET.unpack_from(data)[0], len(data) - OFFSET.size) for data in frames]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def ours(wire: Wire) -> OurTerminal:
    return OurTerminal(cast(WebSocket, wire))


def say(wire: Wire, kind: str, **content: object) -> None:
    wire.coming.append((Opcode.TEXT, json.dumps({"kind": kind, **content}).encode()))


def put_out(wire: Wire, offset: int, data: bytes) -> None:
    wire.coming.append((Opcode.BINARY, OFFSET.pack(offset) + data))


def test_output_is_acknowledged_as_often_as_the_page_does(wire: Wire, ours: OurTerminal) -> None:
    put_out(wire, 0, b"x" * (ACK_EVERY_BYTES - 1))
    assert len(ours.take()) == ACK_EVERY_BYTES - 1
    assert wire.told("ack") == []
    put_out(wire, ACK_EVERY_BYTES - 1, b"x")
    ours.take()
    assert wire.told("ack") == [{"kind": "ack", "offset": ACK_EVERY_BYTES}]


def test_a_long_paste_waits_for_its_credit(wire: Wire, ours: OurTerminal) -> None:
    ours.type(b"x" * 200_000)
    assert wire.typed() == [(0, INPUT_MAX_BYTES), (INPUT_MAX_BYTES, INPUT_MAX_BYTES)]
    say(wire, "typed", offset=1000)
    ours.take()
    assert wire.typed()[2:] == [(INPUT_CREDIT_BYTES, 1000)]


def test_input_goes_on_where_the_welcome_says(wire: Wire, ours: OurTerminal) -> None:
    say(wire, "welcome", session="s1", typed=0)
    ours.take()
    ours.type(b"a")
    ours.type(b"b")
    assert wire.typed() == [(0, 1), (1, 1)]


def test_where_the_cursor_is_gets_an_answer(wire: Wire, ours: OurTerminal) -> None:
    put_out(wire, 0, b"In [1]\x1b[6n")
    ours.take()
    assert wire.sent == [(Opcode.BINARY, OFFSET.pack(0) + b"\x1b[1;1R")]


def test_terminado_speaks_json(wire: Wire) -> None:
    terminal = TerminadoTerminal(cast(WebSocket, wire))
    for message in (["setup", {}], ["stdout", "»>>"], ["disconnect", 1]):
        wire.coming.append((Opcode.TEXT, json.dumps(message).encode()))
    assert terminal.take() == "»>>".encode()
    terminal.type(b"\x03")
    assert wire.sent == [(Opcode.TEXT, b'["stdin", "\\u0003"]')]


def test_what_is_read_on_the_screen_has_no_escapes() -> None:
    assert plain(b"\x1b]0;title\x07\x1b[?2004h\x1b[38;5;28mIn [\x1b[1m1\x1b[0m]: ") == b"In [1]: "

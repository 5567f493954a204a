"""Messages between processes that need not trust each other's manners."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.settimeout(10)
        yield ours, theirs


def open_fds() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_message_arrives(pair: Pair) -> None:
    wire.send(pair[0], {"kind": "run", "owner": "ü"})
    assert wire.receive(pair[1]) == ({"kind": "run", "owner": "ü"}, [])


@pytest.mark.parametrize("way", [wire.receive, wire.hear, wire.take])
def test_descriptors_arrive_closed_on_exec(pair: Pair, way: Callable[[socket.socket], tuple[Any, ...]]) -> None:
    reading, writing = os.pipe()
    wire.send(pair[0], {"kind": "run"}, [writing])
    os.close(writing)
    [received] = next(part for part in way(pair[1]) if isinstance(part, list))
    assert not os.get_inheritable(received)
    os.write(received, b"x")
    os.close(received)
    assert os.read(reading, 2) == b"x"
    os.close(reading)


def test_messages_keep_their_borders(pair: Pair) -> None:
    for number in range(5):
        wire.send(pair[0], {"kind": "n", "number": number})
    assert [wire.receive(pair[1])[0] for _ in range(5)] == [{"kind": "n", "number": number} for number in range(5)]


def test_the_peer_is_gone(pair: Pair) -> None:
    pair[0].close()
    assert wire.receive(pair[1]) == (None, [])
    with pytest.raises(OSError, match=r"pipe|reset|Transport"):
        wire.send(pair[1], {"kind": "x"})


@pytest.mark.parametrize(
    "packet",
    [
        b"{",
        b"[]",
        b"5",
        b'"run"',
        b"null",
        b"{}",
        b'{"kind": 1}',
        b"\xff",
        b"x" * (wire.MESSAGE_MAX_BYTES + 1),
        b"[" * 16_000,
    ],
    ids=lambda packet: packet[:8].decode(errors="replace"),
)
def test_nonsense_is_an_error_and_leaves_no_descriptor(pair: Pair, packet: bytes) -> None:
    before = open_fds()
    socket.send_fds(pair[0], [packet], [0, 1])
    with pytest.raises(wire.WireError):
        wire.receive(pair[1])
    assert open_fds() == before


def test_too_many_descriptors_are_an_error(pair: Pair) -> None:
    before = open_fds()
    socket.send_fds(pair[0], [b'{"kind": "run"}'], [0] * (wire.DESCRIPTORS_MAX + 4))
    with pytest.raises(wire.WireError):
        wire.receive(pair[1])
    assert open_fds() == before


def test_a_word_and_a_text_arrive(pair: Pair) -> None:
    wire.say(pair[0], "broken", "a text with spaces, ü", [0])
    kind, text, [descriptor] = wire.hear(pair[1])
    os.close(descriptor)
    assert (kind, text) == ("broken", "a text with spaces, ü")
    pair[0].close()
    assert wire.hear(pair[1]) == ("", "", [])


def test_closing_what_is_closed() -> None:
    descriptor = os.open("/dev/null", os.O_RDONLY)
    wire.close_all([descriptor, descriptor])
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)

"""Frames of WebSockets are cut out of a stream however it arrives, and nothing of it is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from bench.websocket import Closed, NotLetIn, Opcode, WebSocket, head_of, parse

UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def unmasked(opcode: Opcode, data: bytes) -> bytes:
    """As a server sends it."""
    head = bytearray(head_of(opcode, len(data)))
    head[1] &= 0x7F
    return bytes(head) + data


@pytest.fixture
def server() -> Iterator[Callable[[bytes], int]]:
    """server(answer): the port of one that answers every request with that, and says no more."""
    listener = socket.create_server(("127.0.0.1", 0))
    accepted = []

    def serve(answer: bytes) -> None:
        connection, _ = listener.accept()
        accepted.append(connection)
        connection.recv(65536)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)

    threads = []

    def start(answer: bytes) -> int:
        threads.append(threading.Thread(target=serve, args=(answer,)))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join()
    for connection in [listener, *accepted]:
        connection.close()


def listen(websocket: WebSocket) -> None:
    while True:
        list(websocket.frames())
        websocket.receive()


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_a_frame_of_every_length(length: int) -> None:
    frame = unmasked(Opcode.BINARY, b"x" * length)
    assert parse(bytearray(b"?" + frame), 1) == (Opcode.BINARY, b"x" * length, 1 + len(frame))


@pytest.mark.parametrize("length", [5, 126, 65536])
def test_a_frame_that_is_not_whole_is_waited_for(length: int) -> None:
    frame = unmasked(Opcode.TEXT, b"x" * length)
    for end in (0, 1, 2, 3, len(frame) - 1):
        assert parse(bytearray(frame[:end]), 0) is None


def test_what_came_with_the_upgrade_is_not_lost(server: Callable[[bytes], int]) -> None:
    port = server(UPGRADE + unmasked(Opcode.TEXT, b"welcome") + unmasked(Opcode.BINARY, b"output"))
    websocket = WebSocket(port, "/", {})
    seen = list(websocket.frames())
    while len(seen) < 2:
        websocket.receive()
        seen += websocket.frames()
    assert seen == [(Opcode.TEXT, b"welcome"), (Opcode.BINARY, b"output")]
    with pytest.raises(Closed):
        websocket.receive()
    websocket.close()


def test_who_is_not_let_in_says_so(server: Callable[[bytes], int]) -> None:
    with pytest.raises(NotLetIn, match="403"):
        WebSocket(server(b"HTTP/1.1 403 Forbidden\r\n\r\n"), "/", {})


def test_the_close_code_is_told(server: Callable[[bytes], int]) -> None:
    websocket = WebSocket(server(UPGRADE + unmasked(Opcode.CLOSE, (4404).to_bytes(2))), "/", {})
    with pytest.raises(Closed, match="4404"):
        listen(websocket)
    websocket.close()

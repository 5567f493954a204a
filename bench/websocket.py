"""The client's side of one WebSocket (RFC 6455) on a plain socket: masked frames, no extensions. Used by terminal.py.

Small, so that it costs little, and the same for every server that is measured.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum

from bench.load import LOOPBACK

RECEIVE_BYTES = 256 * 1024
PATIENCE_SECONDS = 30.0
MASK = b"\0\0\0\0"  # a mask hides frames from proxies; there is none here, and this one costs nothing
SHORT_MAX, MEDIUM_MAX = 125, 0xFFFF


class Opcode(IntEnum):
    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class NotLetIn(ConnectionError):
    """Instead of the upgrade; the message has the status."""


class Closed(ConnectionError):
    """The server has closed; the message has its code."""


class WebSocket:
    """Raises NotLetIn when the server does not upgrade, and OSError as sockets do."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        self.socket = socket.create_connection((LOOPBACK, port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = {
            "Host": f"localhost:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **headers,
        }
        head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.socket.sendall(head.encode("latin-1") + b"\r\n")
        self.buffer = bytearray()
        self.read_upgrade()

    def read_upgrade(self) -> None:
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self.receive()
        status = self.buffer.split(b"\r\n", 1)[0].decode("latin-1")
        if " 101 " not in f"{status} ":
            self.close()
            raise NotLetIn(status)
        del self.buffer[: end + 4]

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self) -> None:
        """Waits for bytes. Raises Closed."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise Closed("without a word")
        self.buffer += data

    def frames(self) -> Iterator[tuple[Opcode, bytes]]:
        """Every whole frame of data that has come. Answers pings. Raises Closed."""
        position = 0
        try:
            while (found := parse(self.buffer, position)) is not None:
                opcode, data, position = found
                if opcode is Opcode.PING:
                    self.send(Opcode.PONG, data)
                elif opcode is Opcode.CLOSE:
                    raise Closed(f"code {int.from_bytes(data[:2]) if data else 'none'}")
                elif opcode is not Opcode.PONG:
                    yield opcode, data
        finally:
            del self.buffer[:position]

    def send(self, opcode: Opcode, data: bytes) -> None:
        self.socket.sendall(head_of(opcode, len(data)) + MASK + data)

    def cut(self) -> None:
        """As when a cable is pulled and the machine behind it says so: no closing, what has not been read is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()


def head_of(opcode: Opcode, length: int) -> bytes:
    """Of a last, masked frame, without its mask."""
    first = 0x80 | opcode
    if length <= SHORT_MAX:
        return struct.pack(">BB", first, 0x80 | length)
    if length <= MEDIUM_MAX:
        return struct.pack(">BBH", first, 0xFE, length)
    return struct.pack(">BBQ", first, 0xFF, length)


def parse(buffer: bytearray, position: int) -> tuple[Opcode, bytes, int] | None:
    """The frame that begins there and where it ends; None where it is not whole yet."""
    start = position + 2
    if len(buffer) < start:
        return None
    length = buffer[position + 1] & 0x7F
    if length > SHORT_MAX:
        size = 2 if length == SHORT_MAX + 1 else 8
        start += size
        length = int.from_bytes(buffer[start - size : start])
    end = start + length
    if len(buffer) < end:
        return None
    return Opcode(buffer[position] & 0x0F), bytes(memoryview(buffer)[start:end]), end

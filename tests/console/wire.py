"""A WebSocket client by hand (RFC 6455), so that a test sees every frame and can be as rude as it likes."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from contextlib import suppress
from typing import Any

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE_SECONDS = 20


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebSocket:
    """Connected, or Refused with the status that came in place of an upgrade."""

    def __init__(self, port: int, path: str, subprotocol: str = "", **headers: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = {
            "Host": f"localhost:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **({"Sec-WebSocket-Protocol": subprotocol} if subprotocol else {}),
            **{name.title(): value for name, value in headers.items()},
        }
        head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.socket.sendall(head.encode() + b"\r\n")
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.response = head.decode("latin-1")
        status = int(self.response.split(" ", 2)[1])
        if status != 101:
            self.socket.close()
            raise Refused(status)

    def more(self) -> None:
        """Raises TimeoutError and EOFError."""
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise EOFError
        self.buffer += chunk

    def take(self, length: int) -> bytes:
        while len(self.buffer) < length:
            self.more()
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def frame(self) -> tuple[int, bytes]:
        first, second = self.take(2)
        length = second & 127
        if length >= 126:
            [length] = struct.unpack(">H" if length == 126 else ">Q", self.take(2 if length == 126 else 8))
        return first & 15, self.take(length)

    def hear(self) -> Any:
        """Text as JSON, binary as (offset, bytes), a close as its code. Pings are answered."""
        while True:
            opcode, data = self.frame()
            if opcode == TEXT:
                return json.loads(data)
            if opcode == BINARY:
                return int.from_bytes(data[:8]), data[8:]
            if opcode == CLOSE:
                return int.from_bytes(data[:2]) if data else 1005
            if opcode == PING:
                with suppress(ConnectionError):  # what was sent before the end is still to be heard
                    self.send(PONG, data)

    def hear_of(self, kind: str) -> dict[str, Any]:
        while True:
            heard = self.hear()
            assert not isinstance(heard, int), f"closed ({heard}) instead of {kind}"
            if isinstance(heard, dict) and heard["kind"] == kind:
                return heard

    def send(self, opcode: int, data: bytes) -> None:
        mask = os.urandom(4)
        length = len(data)
        if length < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | length)
        elif length < 1 << 16:
            head = struct.pack(">BBH", 0x80 | opcode, 0xFE, length)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 0xFF, length)
        stream = (mask * (length // 4 + 1))[:length]
        masked = (int.from_bytes(data) ^ int.from_bytes(stream)).to_bytes(length) if data else b""
        self.socket.sendall(head + mask + masked)

    def tell(self, kind: str, **content: Any) -> None:
        self.send(TEXT, json.dumps({"kind": kind, **content}).encode())

    def type(self, offset: int, data: bytes) -> None:
        self.send(BINARY, offset.to_bytes(8) + data)

    def close(self) -> None:
        self.socket.close()

"""Messages between whoever marks and a guest in its jail: a length and an object as JSON, on the socket that is
standard input. Used by attempt.py and checker.py."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any

LENGTH_BYTES = 4
MESSAGE_MAX_BYTES = 64 * 1024 * 1024


class Channel:
    def __init__(self) -> None:
        """Standard input is nobody's from here on."""
        self.socket = socket.socket(fileno=os.dup(0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def hear(self) -> dict[str, Any] | None:
        """None when the other end is gone."""
        length = self.read(LENGTH_BYTES)
        body = self.read(min(int.from_bytes(length, "big"), MESSAGE_MAX_BYTES))
        if not body:
            return None
        message: dict[str, Any] = json.loads(body)
        return message

    def read(self, count: int) -> bytes:
        """Less, when the other end is gone."""
        data = bytearray()
        while len(data) < count and (piece := self.socket.recv(count - len(data))):
            data += piece
        return bytes(data)

    def tell(self, message: dict[str, Any]) -> None:
        packet = json.dumps(message).encode("ascii")
        with contextlib.suppress(OSError):
            self.socket.sendall(len(packet).to_bytes(LENGTH_BYTES, "big") + packet)

    def close(self) -> None:
        self.socket.close()

"""Messages between whoever marks and a guest in its jail: a length and an object as JSON, on the socket that is
standard input. Bytes go as texts of as many characters. Used by attempt.py and checker.py.

Nothing is imported for it that is not there anyway: each jail would pay for it.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

LENGTH_BYTES = 4
BYTES = "latin-1"
MESSAGE_MAX_BYTES = 64 * 1024 * 1024


class Channel:
    def __init__(self) -> None:
        """Standard input is nobody's from here on."""
        self.descriptor = os.dup(0)
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
        while len(data) < count and (piece := os.read(self.descriptor, count - len(data))):
            data += piece
        return bytes(data)

    def tell(self, message: dict[str, Any]) -> None:
        packet = json.dumps(message).encode("ascii")
        rest = memoryview(len(packet).to_bytes(LENGTH_BYTES, "big") + packet)
        with contextlib.suppress(OSError):
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]

    def close(self) -> None:
        os.close(self.descriptor)

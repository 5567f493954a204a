"""What passes between a console and those attached to it, one packet each: JSON for control, a type, an offset and
bytes for all that a terminal says or is told. Spoken by watcher.py and consoles.py.
"""

from __future__ import annotations

import json
import struct
from typing import Any

from sandbox.limits import KIB

OUTPUT, INPUT, DISPLAY, DISPLAY_END = b"o", b"i", b"d", b"e"  # none is the "{" that a JSON object begins with
HEAD = struct.Struct(">cQ")
OUTPUT_MAX_BYTES = 64 * KIB
INPUT_MAX_BYTES = 32 * KIB
PACKET_MAX_BYTES = 80 * KIB  # none is longer, whichever way it goes


def pack(kind: bytes, offset: int, data: bytes) -> bytes:
    return HEAD.pack(kind, offset) + data


def unpack(packet: bytes) -> tuple[bytes, int, bytes]:
    """Its kind, offset and data. Raises ValueError where there is no such head."""
    if len(packet) < HEAD.size:
        raise ValueError("a packet too short to say what it is")
    kind, offset = HEAD.unpack_from(packet)
    return kind, offset, packet[HEAD.size :]


def pack_control(kind: str, content: dict[str, Any]) -> bytes:
    return json.dumps({"kind": kind, **content}, separators=(",", ":")).encode("ascii")

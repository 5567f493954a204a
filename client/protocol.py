"""The console's wire protocol as a client sees it: docs/protocol.md. Pure; conversation.py speaks it.

Nothing is imported from console/: a student has this package and not the site.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final

SUBPROTOCOL: Final = "ivle.console.1"
OFFSET: Final = struct.Struct(">Q")  # a binary frame is this and then bytes
OFFSET_MAX: Final = (1 << 53) - 1
ACK_EVERY_BYTES: Final = 32 * 1024
INPUT_FRAME_BYTES: Final = 32 * 1024
INPUT_WINDOW_BYTES: Final = 64 * 1024  # not yet answered with `typed`
EXTENT_MAX: Final = 500  # rows, columns

Check = Callable[[object], bool]


class CloseCode(IntEnum):
    """After these, coming back would not help."""

    PROTOCOL = 4400
    LOGGED_OUT = 4401
    GONE = 4404


class ProtocolFault(Exception):
    """The server said something that the protocol does not have. Its text says what."""


def is_offset(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= OFFSET_MAX


def is_extent(value: object) -> bool:
    return is_offset(value) and value in range(1, EXTENT_MAX + 1)


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_switch(value: object) -> bool:
    return isinstance(value, bool)


def is_watchers(value: object) -> bool:
    return isinstance(value, list) and all(fits(one, WATCHER) for one in value)


def fits(content: object, fields: Mapping[str, Check]) -> bool:
    """More fields than these are no fault: an older client meets a newer server."""
    return isinstance(content, dict) and all(name in content and check(content[name]) for name, check in fields.items())


WATCHER: Final[dict[str, Check]] = {"client": is_text, "drives": is_switch}
ENDED: Final[dict[str, Check]] = {
    "ended": is_text,
    "sentence": is_text,
    "exit_status": lambda value: value is None or isinstance(value, int),
}
# The fields that this client reads, of the kinds that it heeds.
FROM_SERVER: Final[dict[str, dict[str, Check]]] = {
    "welcome": {
        "offset": is_offset,
        "typed": is_offset,
        "drives": is_switch,
        "may_type": is_switch,
        "watchers": is_watchers,
        "outcome": lambda value: value is None or fits(value, ENDED),
    },
    "gap": {"from": is_offset, "to": is_offset},
    "replayed": {"offset": is_offset},
    "typed": {"offset": is_offset},
    "watchers": {"watchers": is_watchers},
    "display": {"number": is_offset},
    "ended": ENDED,
    "restarted": {"offset": is_offset},
    "ending": {"sentence": is_text},
    "refused": {"reason": is_text, "sentence": is_text},
    "closing": {"reason": is_text, "sentence": is_text},
}
FROM_CLIENT: Final[dict[str, dict[str, Check]]] = {
    "ack": {"offset": is_offset},
    "size": {"rows": is_extent, "columns": is_extent},
    "interrupt": {},
    "drive": {},
    "release": {},
    "restart": {},
    "end": {},
}


def decode_message(frame: str) -> tuple[str, dict[str, Any]] | None:
    """A text frame: its kind and its fields; None for a kind that this client does not heed. Raises ProtocolFault."""
    try:
        content = json.loads(frame)
    except (ValueError, RecursionError):
        raise ProtocolFault("a text frame that is not JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise ProtocolFault("a message without a kind")
    kind: str = content["kind"]
    if kind not in FROM_SERVER:
        return None
    if not fits(content, FROM_SERVER[kind]):
        raise ProtocolFault(f"a message of the kind {kind} that is not one")
    return kind, content


def decode_bytes(frame: bytes) -> tuple[int, bytes]:
    """A binary frame: the offset and the bytes that begin there. Raises ProtocolFault."""
    if len(frame) < OFFSET.size:
        raise ProtocolFault("a binary frame without an offset")
    [offset] = OFFSET.unpack_from(frame)
    if offset > OFFSET_MAX:
        raise ProtocolFault("an offset out of range")
    return offset, frame[OFFSET.size :]


def encode_message(kind: str, **fields: int) -> str:
    if not fits(fields, FROM_CLIENT[kind]):
        raise ValueError(f"no message: {kind} {fields}")
    return json.dumps({"kind": kind, **fields}, separators=(",", ":"))


def encode_bytes(offset: int, data: bytes) -> bytes:
    return OFFSET.pack(offset) + data

"""What a browser and the site say to each other about one console: the one definition. docs/protocol.md is its page.

websocket.py and events.py speak it; frontend/console/protocol.js mirrors it; tests/console/transcripts hold both to it.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

SUBPROTOCOL: Final = "ivle.console.1"
OFFSET: Final = struct.Struct(">Q")  # a binary frame is this and then bytes
OFFSET_MAX: Final = (1 << 53) - 1  # the last whole number of JavaScript
INPUT_MAX_BYTES: Final = 32 * 1024  # in one frame
INPUT_CREDIT_BYTES: Final = 64 * 1024  # not yet answered with `typed`
OUTPUT_CREDIT_BYTES: Final = 256 * 1024  # not yet acknowledged
ACK_EVERY_BYTES: Final = 32 * 1024
TEXT_MAX_CHARACTERS: Final = 64 * 1024  # of one text frame; the fallback's input is the longest
CLIENT_MAX_CHARACTERS: Final = 64
EXTENT_MAX: Final = 500  # rows, columns

Check = Callable[[object], bool]


class CloseCode(IntEnum):
    ENDED = 1000
    GOING_AWAY = 4001  # the standard 1001 is a browser's word, which our web server may not say (RFC 6455 7.4)
    PROTOCOL = 4400
    LOGGED_OUT = 4401
    GONE = 4404
    NOT_STARTED = 4409
    TOO_FAST = 4429
    QUEUED = 4503


class ProtocolError(Exception):
    """Its text is a sentence for whoever wrote the other side."""


@dataclass(frozen=True)
class Message:
    kind: str
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """Bytes somebody typed; the first is the `offset`-th that this client has typed."""

    offset: int
    data: bytes


def is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value < OFFSET_MAX


def is_offset(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and 0 <= value <= OFFSET_MAX


def is_extent(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= EXTENT_MAX


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_switch(value: object) -> bool:
    return isinstance(value, bool)


def is_content(value: object) -> bool:
    return isinstance(value, dict)


def is_number_or_none(value: object) -> bool:
    return value is None or is_number(value)


def is_content_or_none(value: object) -> bool:
    return value is None or is_content(value)


def is_watchers(value: object) -> bool:
    return isinstance(value, list) and all(fits(one, WATCHER) for one in value)


WATCHER: Final[dict[str, Check]] = {"client": is_text, "name": is_text, "drives": is_switch}
USAGE: Final[dict[str, Check]] = {
    "cpu_seconds": is_number,
    "cpu_limit_seconds": is_number,
    "memory_bytes": is_number_or_none,
}
ENDED: Final[dict[str, Check]] = {
    "ended": is_text,
    "sentence": is_text,
    "exit_status": lambda value: value is None or isinstance(value, int),
    "may_restart": is_switch,
}

# What each side may say: the fields of each kind, and what fits in them.
FROM_BROWSER: Final[dict[str, dict[str, Check]]] = {
    "ack": {"offset": is_offset},
    "size": {"rows": is_extent, "columns": is_extent},
    "interrupt": {},
    "drive": {},
    "release": {},
    "restart": {},
    "end": {},
}
FROM_SERVER: Final[dict[str, dict[str, Check]]] = {
    "welcome": {
        "session": is_text,
        "title": is_text,
        "program": is_text,
        "owner": is_text,
        "offset": is_offset,
        "end": is_offset,
        "typed": is_offset,
        "drives": is_switch,
        "rows": is_extent,
        "columns": is_extent,
        "watchers": is_watchers,
        "may_type": is_switch,
        "usage": lambda value: fits(value, USAGE),
        "outcome": lambda value: value is None or fits(value, ENDED),
    },
    "gap": {"from": is_offset, "to": is_offset},
    "replayed": {"offset": is_offset},
    "typed": {"offset": is_offset},
    "size": {"rows": is_extent, "columns": is_extent},
    "watchers": {"watchers": is_watchers},
    "usage": USAGE,
    "display": {"number": is_offset, "mime": is_text, "title": is_text, "url": is_text},
    "ended": ENDED,
    "restarted": {"offset": is_offset},
    "ending": {"seconds": is_number, "sentence": is_text},
    "refused": {"reason": is_text, "sentence": is_text},
    "closing": {"reason": is_text, "sentence": is_text},
}


def fits(content: object, fields: Mapping[str, Check]) -> bool:
    return (
        isinstance(content, dict)
        and content.keys() == fields.keys()
        and all(check(content[name]) for name, check in fields.items())
    )


def parse_text(text: str) -> Message:
    """A text frame from a browser. Raises ProtocolError."""
    return message_of(read_json(text))


def parse_binary(frame: bytes) -> Input:
    """A binary frame from a browser. Raises ProtocolError."""
    if len(frame) <= OFFSET.size:
        raise ProtocolError("A binary frame is 8 bytes of offset and at least one byte of input.")
    [offset] = OFFSET.unpack_from(frame)
    return input_of(offset, frame[OFFSET.size :])


def parse_posted(text: str) -> Message | Input:
    """What the fallback posts: a text frame, or input with its bytes in base64. Raises ProtocolError."""
    content = read_json(text)
    if content.get("kind") != "input":
        return message_of(content)
    if not fits(content, {"kind": is_text, "offset": is_offset, "data": is_text}):
        raise ProtocolError("A message of the kind input has an offset and data, and nothing else.")
    try:
        data = base64.b64decode(content["data"], validate=True)
    except (ValueError, binascii.Error):
        raise ProtocolError("The data of a message of the kind input is base64.") from None
    if not data:
        raise ProtocolError("A message of the kind input has at least one byte of data.")
    return input_of(content["offset"], data)


def read_json(text: str) -> dict[str, Any]:
    if len(text) > TEXT_MAX_CHARACTERS:
        raise ProtocolError(f"A message has at most {TEXT_MAX_CHARACTERS} characters; this one has {len(text)}.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("A text frame is one JSON object; this one is not JSON.") from None
    if not isinstance(content, dict):
        raise ProtocolError("A text frame is one JSON object; this one is something else.")
    return content


def message_of(content: dict[str, Any]) -> Message:
    kind = content.pop("kind", None)
    fields = FROM_BROWSER.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise ProtocolError(f"There are messages of the kinds {', '.join(FROM_BROWSER)}; this one is of none of them.")
    if not fits(content, fields):
        wanted = ", ".join(fields) or "nothing"
        raise ProtocolError(f"A message of the kind {kind} has exactly these fields: {wanted}; each within its bounds.")
    return Message(kind, content)


def input_of(offset: int, data: bytes) -> Input:
    if len(data) > INPUT_MAX_BYTES:
        raise ProtocolError(f"One frame has at most {INPUT_MAX_BYTES} bytes of input; this one has {len(data)}.")
    if offset > OFFSET_MAX:
        raise ProtocolError("The offset of this input is larger than any can be.")
    return Input(offset, data)


def make_text(kind: str, content: Mapping[str, Any]) -> str:
    """A text frame for a browser. Raises ProtocolError for what the protocol does not have."""
    if kind not in FROM_SERVER or not fits(dict(content), FROM_SERVER[kind]):
        raise ProtocolError(f"The server has no message of the kind {kind} with the fields {', '.join(content)}.")
    return json.dumps({"kind": kind, **content}, separators=(",", ":"))


def make_binary(offset: int, data: bytes) -> bytes:
    return OFFSET.pack(offset) + data


def make_output(offset: int, data: bytes) -> str:
    """Output as the fallback's events carry it."""
    return json.dumps({"kind": "output", "offset": offset, "data": base64.b64encode(data).decode("ascii")})

"""The header sniff: does what a program prints begin with CGI headers, or is all of it text? Pure, over bytes.

program.py feeds it what comes out of the pipe; the same bytes give the same answer however they were cut up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

BLOCK_MAX_BYTES: Final = 32 * 1024  # the blank line included

# Names that only a response header has. One of these makes a block a header block.
STRONG_NAMES: Final = frozenset(
    (
        "accept-ranges",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "cache-control",
        "clear-site-data",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-security-policy",
        "content-security-policy-report-only",
        "content-type",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "etag",
        "keep-alive",
        "last-modified",
        "permissions-policy",
        "proxy-authenticate",
        "referrer-policy",
        "retry-after",
        "service-worker-allowed",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "www-authenticate",
    )
)
# Names that a response may have, but that are also plain words: "Age: 20" or "Server: up" alone is somebody's text.
WEAK_NAMES: Final = frozenset(
    (
        "age",
        "allow",
        "alt-svc",
        "connection",
        "date",
        "expires",
        "link",
        "location",
        "pragma",
        "refresh",
        "server",
        "status",
        "trailer",
        "upgrade",
        "vary",
        "via",
        "warning",
    )
)
KNOWN_NAMES: Final = STRONG_NAMES | WEAK_NAMES
# Two of them are headers in their own right when their value can be nothing else (RFC 3875 6.3).
STRONG_VALUES: Final = {
    "status": re.compile(rb"[2-5][0-9]{2}(?:[ \t].*)?"),
    "location": re.compile(rb"https?://.*|[./?#]\S*|\S*/\S*|[^\s.]+\.(?:py|html?)(?:[?#]\S*)?", re.IGNORECASE),
}
TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
NOT_IN_A_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110 5.5; folding is a value with a line end
NAME_MAX_BYTES: Final = 64


class Rule(IntEnum):
    """Which of the four rules of docs/serving.md applied."""

    TEXT = 1  # not a header block: all of it is text
    BLANK_LINE = 2  # begins with a blank line: all of it is text
    HEADERS = 3  # a header block with a Content-Type
    HEADERS_OF_TEXT = 4  # a header block without one


@dataclass(frozen=True)
class Decision:
    rule: Rule
    why: str  # a key of WORDS in report.py
    name: str = ""  # the header it is about
    line: int = 0  # the line it is about, counted from 1
    fields: tuple[tuple[str, bytes], ...] = ()  # names in lower case, in the order printed
    body_start: int = 0  # everything from here on is the body


class Sniffer:
    """Feed it the output as it comes until it decides; call end() where the output ends before that."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.line_start = 0
        self.searched = 0
        self.fields: list[tuple[str, bytes]] = []
        self.decision: Decision | None = None

    def feed(self, data: bytes) -> Decision | None:
        """The decision, as soon as these bytes or earlier ones allow it."""
        if self.decision is None:
            self.seen += data[: BLOCK_MAX_BYTES - len(self.seen)]
            self.decision = self.read_lines()
        return self.decision

    def end(self) -> Decision:
        """The decision when nothing more comes."""
        if self.decision is None:
            self.decision = Decision(Rule.TEXT, "no blank line")
        return self.decision

    def read_lines(self) -> Decision | None:
        while (line_end := self.seen.find(b"\n", self.searched, BLOCK_MAX_BYTES)) >= 0:
            line = bytes(self.seen[self.line_start : line_end]).removesuffix(b"\r")
            self.line_start = self.searched = line_end + 1
            if not line:
                return self.at_blank_line()
            if fault := self.read_field(line):
                return fault
        self.searched = min(len(self.seen), BLOCK_MAX_BYTES)
        if fault := self.check_name(bytes(self.seen[self.line_start : self.line_start + NAME_MAX_BYTES + 1])):
            return fault
        return Decision(Rule.TEXT, "too long") if len(self.seen) >= BLOCK_MAX_BYTES else None

    def read_field(self, line: bytes) -> Decision | None:
        if fault := self.check_name(line[: NAME_MAX_BYTES + 1]):
            return fault
        name, colon, value = line.partition(b":")
        if not colon:
            return self.text("no field")
        if NOT_IN_A_VALUE.search(value):
            return self.text("bad value", name.decode("ascii"))
        self.fields.append((name.decode("ascii").lower(), value.strip(b" \t")))
        return None

    def check_name(self, line: bytes) -> Decision | None:
        """What is wrong with the name that a line, whole or not yet, begins with. Reads NAME_MAX_BYTES + 1 of it."""
        if line[:1] in (b" ", b"\t"):
            return self.text("folded" if self.fields else "no field")
        token = TOKEN.match(line)
        name = token.group().decode("ascii") if token else ""
        after = line[len(name) : len(name) + 1]
        if len(name) > NAME_MAX_BYTES or (after and after != b":" and line != b"\r"):
            return self.text("no field")
        if after == b":" and name.lower() not in KNOWN_NAMES and not name.lower().startswith("x-"):
            return self.text("unknown name", name) if name else self.text("no field")
        return None

    def text(self, why: str, name: str = "") -> Decision:
        return Decision(Rule.TEXT, why, name, len(self.fields) + 1)

    def at_blank_line(self) -> Decision:
        if not self.fields:
            return Decision(Rule.BLANK_LINE, "blank line")
        if not any(is_strong(name, value) for name, value in self.fields):
            return Decision(Rule.TEXT, "plain words", self.fields[0][0], 1)
        typed = any(name == "content-type" for name, _ in self.fields)
        return Decision(
            Rule.HEADERS if typed else Rule.HEADERS_OF_TEXT,
            "content type" if typed else "no content type",
            fields=tuple(self.fields),
            body_start=self.line_start,
        )


def is_strong(name: str, value: bytes) -> bool:
    pattern = STRONG_VALUES.get(name)
    return bool(pattern.fullmatch(value)) if pattern else name in STRONG_NAMES


def sniff(output: bytes) -> Decision:
    """The decision about a whole output."""
    sniffer = Sniffer()
    return sniffer.feed(output) or sniffer.end()

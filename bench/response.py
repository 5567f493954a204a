"""Reads HTTP/1.x responses as a browser does, so that the bench knows when an answer is whole and what it says.

Called by load.py with whatever bytes have come. Framing: RFC 9112 section 6.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BLANK_LINE = re.compile(rb"\r?\n\r?\n")  # http.server passes a program's bare LF on; RFC 9112 2.2 lets us read it
HEAD_MAX_BYTES = 64 * 1024


class BadResponse(Exception):
    """The server sent something that is not an HTTP response, or stopped in the middle of one."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]  # names in lower case; of repeated headers the last
    body: bytes
    reusable: bool  # the connection may carry another request


class ResponseReader:
    """Collects the bytes of one response to a GET."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Response | None:
        """The response once it is whole. Raises BadResponse for bytes that cannot become one."""
        self._received += data
        blank = BLANK_LINE.search(self._received)
        if blank is None:
            if len(self._received) > HEAD_MAX_BYTES:
                raise BadResponse("no end of headers")
            return None
        status, version, headers = parse_head(bytes(self._received[: blank.start()]))
        content = bytes(self._received[blank.end() :])
        body = whole_body(headers, content)
        if body is None:
            return None
        keep = "close" not in headers.get("connection", "").lower() and version == "HTTP/1.1"
        return Response(status, headers, body, reusable=keep)

    def finish(self) -> Response:
        """The response that ends because the server closed. Raises BadResponse when it is not whole."""
        blank = BLANK_LINE.search(self._received)
        if blank is None:
            raise BadResponse("closed before the end of headers")
        status, _, headers = parse_head(bytes(self._received[: blank.start()]))
        if is_chunked(headers) or "content-length" in headers:
            raise BadResponse("closed in the middle of the body")
        return Response(status, headers, bytes(self._received[blank.end() :]), reusable=False)


def parse_head(head: bytes) -> tuple[int, str, dict[str, str]]:
    """Status, HTTP version and headers of the bytes before the blank line."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    parts = first.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdecimal():
        raise BadResponse(f"not a status line: {first[:80]!r}")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadResponse(f"not a header: {line[:80]!r}")
        headers[name.strip().lower()] = value.strip()
    return int(parts[1]), parts[0], headers


def whole_body(headers: dict[str, str], content: bytes) -> bytes | None:
    """The body if its own framing says it is complete; None while it is not, or when only closing can end it."""
    if is_chunked(headers):
        return whole_chunks(content)
    if "content-length" not in headers:
        return None
    if not headers["content-length"].isdecimal():
        raise BadResponse(f"not a length: {headers['content-length'][:80]!r}")
    length = int(headers["content-length"])
    if len(content) > length:
        raise BadResponse("bytes after the body")
    return content if len(content) == length else None


def is_chunked(headers: dict[str, str]) -> bool:
    return headers.get("transfer-encoding", "").lower() == "chunked"


def whole_chunks(content: bytes) -> bytes | None:
    """The joined chunks, without trailers, once the last chunk and its blank line are there."""
    body = bytearray()
    position = 0
    while True:
        line_end = content.find(b"\r\n", position)
        if line_end < 0:
            return None
        try:
            size = int(content[position:line_end].split(b";")[0], 16)
        except ValueError as error:
            raise BadResponse(f"not a chunk size: {content[position:line_end][:80]!r}") from error
        position = line_end + 2
        if size == 0:
            return bytes(body) if content.endswith(b"\r\n", position) else None
        if len(content) < position + size + 2:
            return None
        body += content[position : position + size]
        position += size + 2

"""The bytes of a file as an answer to a browser. They are as hostile as their owner: nothing of them runs on the site.

Only what does nothing by itself is shown; all the rest is a download, and all of it is under a policy that takes the
site's origin away from it.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_from_bytes

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from files import accel, opener, words
from files.faults import IsFolder, in_words
from files.media_types import GUESS_BYTES, OCTETS, type_of
from files.validators import Slice, Unsatisfiable, etag_of, http_date, is_unchanged, slice_of

PIECE_BYTES: Final = 256 * 1024
TEXT: Final = "text/plain; charset=utf-8"
SHOWN: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "audio/", "video/")
PDF: Final = "application/pdf"
SVG: Final = "image/svg+xml"
ACTIVE: Final = ("html", "xml", "svg")  # in the name of a type that a browser may make a page of
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'"


@dataclass(frozen=True)
class Manner:
    """How a file is sent."""

    content_type: str
    is_download: bool
    policy: str = f"sandbox; {POLICY}"
    frames: str = "DENY"


def manner_of(name: bytes, beginning: bytes) -> Manner:
    """A browser's PDF viewer shows nothing under `sandbox`; it is no part of the page's origin by itself."""
    guess = type_of(name, beginning).decode()
    bare = guess.partition(";")[0]
    if bare == PDF and beginning.startswith(b"%PDF-"):
        return Manner(PDF, is_download=False, policy=f"{POLICY}; frame-ancestors 'self'", frames="SAMEORIGIN")
    if bare == SVG:
        return Manner(guess, is_download=True)  # which an <img> does not heed
    if not any(word in bare for word in ACTIVE):
        if bare.startswith("text/") or bare == "application/json":
            return Manner(TEXT, is_download=False)
        if bare.startswith(SHOWN):
            return Manner(bare, is_download=False)
    return Manner(OCTETS, is_download=True)


class Pieces:
    """Part of a file, read piece by piece as it is sent. Takes over the descriptor."""

    def __init__(self, file: int, part: Slice) -> None:
        self.file = file
        self.part = part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        position, end = self.part.start, self.part.start + self.part.length
        while position < end:
            data = await asyncio.to_thread(os.pread, self.file, min(PIECE_BYTES, end - position), position)
            if not data:
                raise ShorterNow
            position += len(data)
            yield data

    def close(self) -> None:
        """Django calls it when the answer is over, however."""
        os.close(self.file)


class ShorterNow(Exception):
    """A program made the file shorter while it was sent. The connection breaks, so the browser can tell."""


def open_file(home: int, parts: tuple[bytes, ...]) -> int:
    """To read. Raises NotThere, IsFolder."""
    name = parts[-1] if parts else b""
    with in_words(name):
        place = opener.open_below(home, parts)
        try:
            mode = os.fstat(place).st_mode
            if stat.S_ISDIR(mode):
                raise IsFolder(words.is_folder(name))
            if not stat.S_ISREG(mode):
                raise IsFolder(words.no_file(name))
            return opener.open_to_read(place)
        finally:
            os.close(place)


def read_beginning(file: int, most_bytes: int) -> bytes:
    pieces: list[bytes] = []
    position = 0
    while position < most_bytes and (piece := os.pread(file, most_bytes - position, position)):
        pieces.append(piece)
        position += len(piece)
    return b"".join(pieces)


def respond(file: int, name: bytes, headers: Mapping[str, str], *, download: bool, bodiless: bool) -> HttpResponseBase:
    """The answer to a GET or HEAD with these headers (names in lower case). Takes over the descriptor."""
    pieces = Pieces(file, Slice(0, 0))
    try:
        response = begin(pieces, name, headers, download=download, bodiless=bodiless)
    except BaseException:
        pieces.close()
        raise
    if not isinstance(response, StreamingHttpResponse):
        pieces.close()
    return response


def begin(
    pieces: Pieces, name: bytes, headers: Mapping[str, str], *, download: bool, bodiless: bool
) -> HttpResponseBase:
    status = os.fstat(pieces.file)
    etag, size = etag_of(status), status.st_size
    manner = manner_of(name, os.pread(pieces.file, GUESS_BYTES, 0))
    more = {
        "ETag": etag,
        "Last-Modified": http_date(status),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": manner.policy,
        "Content-Disposition": disposition(name, is_download=download or manner.is_download),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": manner.frames,
    }
    if is_unchanged(headers, etag, int(status.st_mtime)):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers=more)
    elsewhere = None if bodiless else accel.address_of(pieces.file, size, headers)
    if elsewhere:
        return HttpResponse(headers={**more, accel.HEADER: elsewhere}, content_type=manner.content_type)
    try:
        part = slice_of(headers, etag, size)
    except Unsatisfiable:
        more["Content-Range"] = f"bytes */{size}"
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=more)
    code = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
    if part:
        more["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    pieces.part = part or Slice(0, size)
    more["Content-Length"] = str(pieces.part.length)
    if bodiless:
        return HttpResponse(status=code, headers=more, content_type=manner.content_type)
    if pieces.part.length <= PIECE_BYTES:
        data = os.pread(pieces.file, pieces.part.length, pieces.part.start)
        more["Content-Length"] = str(len(data))
        return HttpResponse(data, status=code, headers=more, content_type=manner.content_type)
    return StreamingHttpResponse(pieces, status=code, headers=more, content_type=manner.content_type)


def disposition(name: bytes, *, is_download: bool) -> str:
    """RFC 6266, with the name as it is (RFC 8187)."""
    kind = "attachment" if is_download else "inline"
    return f"{kind}; filename*=UTF-8''{quote_from_bytes(name, safe='')}"

"""Files that are sent as they are: the right type, ranges, validators. Pure decisions first, then the sending."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from mimetypes import MimeTypes
from typing import Final

from django.utils.translation import gettext as _

from cgirunner.refusal import Refusal
from cgirunner.request import SAFE_METHODS, Request, Send
from cgirunner.response import Head
from cgirunner.sending import Answer
from cgirunner.visit import Visit
from files.lookup import NotThere
from files.opener import open_to_read

PIECE_BYTES: Final = 256 * 1024
GUESS_BYTES: Final = 4096
OCTETS: Final = "application/octet-stream"
TYPES: Final = MimeTypes()  # the standard library's own table: the same on every machine
for ending, media_type in {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".md": "text/plain",
    ".mjs": "text/javascript",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}.items():
    TYPES.add_type(media_type, ending)
COMPRESSED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
TEXT_TYPES: Final = ("application/json", "application/xml", "image/svg+xml")
RANGE: Final = re.compile(r"bytes[ \t]*=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


@dataclass(frozen=True)
class Slice:
    start: int
    length: int


def etag_of(status: os.stat_result) -> str:
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"'


def type_of(name: bytes, beginning: bytes) -> bytes:
    """By the name's ending; where that says nothing, text is text and the rest is octets."""
    guess, compression = TYPES.guess_type("file:///" + os.fsdecode(name).encode("ascii", "replace").decode())
    if compression:
        guess = COMPRESSED.get(compression, OCTETS)
    if guess is None:
        guess = "text/plain" if is_text(beginning) else OCTETS
    if guess.startswith("text/") or guess in TEXT_TYPES:
        guess += "; charset=utf-8"
    return guess.encode("ascii")


def is_text(beginning: bytes) -> bool:
    if b"\0" in beginning:
        return False
    try:
        beginning.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(beginning) == GUESS_BYTES and error.start > GUESS_BYTES - 4  # a character cut in two
    return True


def is_unchanged(headers: Mapping[str, str], etag: str, modified_seconds: int) -> bool:
    """RFC 9110 13.2.2: If-None-Match, and only without it If-Modified-Since."""
    if "if-none-match" in headers:
        wanted = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return etag in wanted or "*" in wanted
    since = seconds_of(headers.get("if-modified-since", ""))
    return since is not None and modified_seconds <= since


def slice_of(headers: Mapping[str, str], etag: str, size: int) -> Slice | None:
    """The one range that is asked for (RFC 9110 14.2), or None for the whole file. Raises Unsatisfiable.

    Several ranges, other units and ranges of another version of the file are answered with the whole.
    """
    match = RANGE.fullmatch(headers.get("range", "").strip())
    if not match or headers.get("if-range", etag) != etag:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise Unsatisfiable
        return Slice(size - length, length)
    start, end = int(first), min(int(last or size), size - 1)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Slice(start, end - start + 1)


def seconds_of(date: str) -> int | None:
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except ValueError:
        return None


async def answer_static(request: Request, visit: Visit, send: Send) -> None:
    if request.method not in SAFE_METHODS:
        raise Refusal(405, _("This is not a program, so it can only be looked at."), ((b"Allow", b"GET, HEAD"),))
    try:
        file = open_to_read(visit.found.place)
    except OSError as error:
        raise NotThere from error
    try:
        await send_file(request, visit, file, Answer(request, send))
    finally:
        os.close(file)


async def send_file(request: Request, visit: Visit, file: int, answer: Answer) -> None:
    status = os.fstat(file)
    etag, size = etag_of(status), status.st_size
    beginning = os.pread(file, GUESS_BYTES, 0)
    head = Head(content_type=type_of(visit.found.parts[-1], beginning))
    head.headers += [
        (b"ETag", etag.encode("ascii")),
        (b"Last-Modified", formatdate(status.st_mtime, usegmt=True).encode("ascii")),
        (b"Accept-Ranges", b"bytes"),
        (b"Cache-Control", b"no-cache"),
        *visit.manner.headers(head.content_type),
    ]
    if is_unchanged(request.headers, etag, int(status.st_mtime)):
        head.status = 304
        await answer.whole(head, b"")
        return
    try:
        part = slice_of(request.headers, etag, size)
    except Unsatisfiable:
        head.status = 416
        head.headers.append((b"Content-Range", b"bytes */%d" % size))
        await answer.whole(head, b"")
        return
    if part:
        head.status = 206
        last = part.start + part.length - 1
        head.headers.append((b"Content-Range", b"bytes %d-%d/%d" % (part.start, last, size)))
    await answer.start(head, part.length if part else size)
    if request.method == "HEAD" or not size:
        await answer.end()
    else:
        await send_bytes(file, part or Slice(0, size), answer)


async def send_bytes(file: int, part: Slice, answer: Answer) -> None:
    """Piece by piece. A file that got shorter meanwhile ends in a broken connection."""
    position, end = part.start, part.start + part.length
    while position < end:
        wanted = min(PIECE_BYTES, end - position)
        data = await asyncio.to_thread(os.pread, file, wanted, position)
        if not data:
            await answer.break_off()
            return
        position += len(data)
        if position < end:
            await answer.piece(data)
        else:
            await answer.end(data)

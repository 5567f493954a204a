"""Files that are sent as they are: the right type, ranges, validators."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from django.utils.translation import gettext as _

from cgirunner.refusal import Refusal
from cgirunner.request import SAFE_METHODS, Request, Send
from cgirunner.response import Head
from cgirunner.sending import Answer
from cgirunner.visit import Visit
from files.lookup import NotThere
from files.media_types import GUESS_BYTES, type_of
from files.opener import open_to_read
from files.validators import Slice, Unsatisfiable, etag_of, http_date, is_unchanged, slice_of

PIECE_BYTES: Final = 256 * 1024


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
        (b"Last-Modified", http_date(status).encode("ascii")),
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

"""A request's body, as the standard input of a program: in memory that nobody can write to any more."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from cgirunner.refusal import Refusal
from cgirunner.request import Receive, Request

FORM_SLACK_BYTES: Final = 1024 * 1024  # so that a file of the largest size fits with the rest of its form
SEALS: Final = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Gone(Exception):
    """The browser left before it had sent everything."""


@asynccontextmanager
async def standard_input(request: Request, receive: Receive) -> AsyncIterator[tuple[int, int | None]]:
    """A descriptor to read the body from and its length; /dev/null and None for a method that has no body.

    Raises Refusal (413) for a body over IVLE_UPLOAD_MAX_BYTES and Gone for one that never arrives in full.
    """
    if request.is_safe:
        yield null(), None
        return
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most_bytes():
        raise too_large()
    memory = os.memfd_create("body", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        length = await fill(memory, receive)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, SEALS)
        os.lseek(memory, 0, os.SEEK_SET)
        yield memory, length
    finally:
        with suppress(OSError):
            os.close(memory)


async def fill(memory: int, receive: Receive) -> int:
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > most_bytes():
            raise too_large()
        os.write(memory, chunk)
        if not message.get("more_body", False):
            return length


def most_bytes() -> int:
    return int(settings.IVLE_UPLOAD_MAX_BYTES) + FORM_SLACK_BYTES


def too_large() -> Refusal:
    limit = settings.IVLE_UPLOAD_MAX_BYTES // (1024 * 1024)
    return Refusal(413, _("That is too much at once: a program takes at most %(limit)s MB.") % {"limit": limit})


@cache
def null() -> int:
    return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

"""Messages of the Language Server Protocol in a stream of bytes: a header with the length, an empty line, the message.

What a server says is read with bounds, because it runs among what students wrote. See the LSP, "Base Protocol".
"""

from __future__ import annotations

import asyncio
from typing import Final

MESSAGE_MAX_BYTES: Final = 1024 * 1024
HEADER_MAX_BYTES: Final = 4096
HEADER_END: Final = b"\r\n\r\n"


class BadFrame(Exception):
    """What was said is no message, or too long a one."""


def frame(text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    return b"Content-Length: %d%b%b" % (len(content), HEADER_END, content)


async def read_message(stream: asyncio.StreamReader) -> str | None:
    """The next one; None at the end of the stream. Raises BadFrame. The stream's limit bounds the header."""
    try:
        header = await stream.readuntil(HEADER_END)
        content = await stream.readexactly(content_length(header))
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise BadFrame from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFrame from error


def content_length(header: bytes) -> int:
    """Raises BadFrame."""
    fields = [line.partition(b":") for line in header.removesuffix(HEADER_END).split(b"\r\n")]
    values = [value.strip() for name, _, value in fields if name.strip().lower() == b"content-length"]
    if len(values) != 1 or not values[0].isdigit() or len(values[0]) > len(str(MESSAGE_MAX_BYTES)):
        raise BadFrame
    length = int(values[0])
    if length > MESSAGE_MAX_BYTES:
        raise BadFrame
    return length

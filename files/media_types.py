"""What kind of file it is, by its name and its first bytes. Pure; for whoever sends or lists files."""

from __future__ import annotations

import os
from functools import lru_cache
from mimetypes import MimeTypes
from typing import Final

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
# For eyes, where the above say less, since that is all a browser should be told.
TOLD: Final = {b".md": "text/markdown", b".ipynb": "application/x-ipynb+json", b".py": "text/x-python"}


def type_by_name(name: bytes) -> str:
    """For eyes; empty where the name says nothing."""
    return type_by_ending(name[name.rfind(b".") :].lower()) if b"." in name[1:] else ""


@lru_cache(maxsize=1024)
def type_by_ending(ending: bytes) -> str:
    return TOLD.get(ending) or type_of(b"x" + ending, b"\0").partition(b";")[0].decode().removesuffix(OCTETS)


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

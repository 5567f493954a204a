"""Names on their way from an address to the disk: which ones can name a file at all. Pure; every opener asks here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes, unquote_to_bytes

NAME_MAX_BYTES = 255
PATH_MAX_PARTS = 100


class BadPath(ValueError):
    """No file can have this path. To people it is the same as a file that is not there."""


def split_url_path(raw: bytes) -> tuple[tuple[bytes, ...], bool]:
    """The names in a still percent-encoded URL path, each decoded exactly once, and whether a slash ends it.

    b"a/b%20c/" is ((b"a", b"b c"), True). Raises BadPath for `.`, `..`, an empty name, and for a slash, backslash
    or NUL inside a name, however they were written.
    """
    names = raw.split(b"/")
    folder = names[-1] == b""
    if folder:
        names.pop()
    return check(unquote_to_bytes(name) for name in names), folder


def split_path(path: bytes) -> tuple[bytes, ...]:
    """The names in a path as a person types it, relative to the home: b"a//b/" is (b"a", b"b"). Raises BadPath."""
    return check(name for name in path.split(b"/") if name not in (b"", b"."))


def from_text(text: str) -> tuple[bytes, ...]:
    """The inverse of as_text; "" is the home. Raises BadPath.

    Unlike in the address of a page, a backslash is let through: whoever has such a file must be able to rename it.
    """
    names = encoded(text).removesuffix(b"/").split(b"/") if text else []
    return check((unquote_to_bytes(name) for name in names), forbidden=b"/\0")


def one_name(text: str) -> bytes:
    """A single percent-encoded name. Raises BadPath."""
    [name] = check([unquote_to_bytes(encoded(text))], forbidden=b"/\0")
    return name


def encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadPath("half of a character") from None


def check(names: Iterable[bytes], forbidden: bytes = b"/\\\0") -> tuple[bytes, ...]:
    parts = tuple(names)
    if len(parts) > PATH_MAX_PARTS:
        raise BadPath("too many folders")
    for name in parts:
        if name in (b"", b".", b"..") or len(name) > NAME_MAX_BYTES or not set(name).isdisjoint(forbidden):
            raise BadPath(f"not a name: {name!r}")
    return parts


def as_text(parts: tuple[bytes, ...]) -> str:
    """One-to-one and ASCII, for a database column or a link: (b"a", b"\\xff ") is "a/%FF%20"."""
    return "/".join(quote_from_bytes(name, safe="") for name in parts)


def shown(name: bytes) -> str:
    """For eyes: without the bytes that are of no character."""
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", os.fsdecode(name))

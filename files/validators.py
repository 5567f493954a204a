"""Has the file changed, and which part of it is wanted: RFC 9110, 13 and 14. Pure; for whoever sends files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from typing import Final

YEAR_10000_SECONDS: Final = 253_402_300_800  # a program may give its files any date
RANGE: Final = re.compile(r"bytes[ \t]*=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


@dataclass(frozen=True)
class Slice:
    start: int
    length: int


def etag_of(status: os.stat_result) -> str:
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"'


def http_date(status: os.stat_result) -> str:
    """When it was changed, for a Last-Modified field."""
    return formatdate(min(max(int(status.st_mtime), 0), YEAR_10000_SECONDS - 1), usegmt=True)


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
    except (ValueError, OverflowError):
        return None

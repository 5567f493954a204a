"""What is in a folder, for eyes and programs. Called by api.py."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from files import opener
from files.faults import in_words
from files.paths import PATH_MAX_PARTS, as_text
from files.showing import is_hidden
from files.spot import open_folder, open_to_list

Kind = Literal["file", "folder", "link", "other"]
ENTRIES_MAX: Final = 10_000  # that are shown
NAMES_MAX: Final = 200_000  # that are looked at at all
PATHS_MAX_CHARACTERS: Final = 16 * 1024 * 1024  # of an answer, in which each entry tells its whole path
NAME_CHARACTERS: Final = 800  # percent-encoded
FOLLOWING_SECONDS: Final = 1.0  # for which links are followed: a chain of them can take the kernel milliseconds


@dataclass(frozen=True)
class Entry:
    """`leads_to` is of links: what kind of thing is at its end, empty where that is nothing, outside the home, or too
    far."""

    name: bytes
    kind: Kind
    size_bytes: int
    modified_seconds: float
    leads_to: Kind | Literal[""] = ""


@dataclass(frozen=True)
class Listing:
    """`more` counts what is in the folder and not in `entries`."""

    entries: tuple[Entry, ...]
    more: int


def list_folder(home: int, parts: tuple[bytes, ...], *, hidden: bool = False) -> Listing:
    """Sorted by name. Raises NotThere where there is no such folder, Closed where it may not be read."""
    place = open_folder(home, parts)
    try:
        with in_words(parts[-1] if parts else b""):
            folder = open_to_list(place)
        try:
            names = names_in(folder, hidden=hidden)
            most = min(ENTRIES_MAX, PATHS_MAX_CHARACTERS // (len(as_text(parts)) + NAME_CHARACTERS))
            deadline = time.monotonic() + FOLLOWING_SECONDS
            found = [entry for name in names[:most] if (entry := look(folder, name, home, parts, deadline))]
        finally:
            os.close(folder)
    finally:
        os.close(place)
    return Listing(tuple(found), max(len(names) - most, 0))


def names_in(folder: int, *, hidden: bool) -> list[bytes]:
    with os.scandir(folder) as entries:
        names = [os.fsencode(entry.name) for entry in islice(entries, NAMES_MAX)]
    return sorted(names if hidden else (name for name in names if not is_hidden((name,))))


def look(folder: int, name: bytes, home: int, parts: tuple[bytes, ...], deadline: float) -> Entry | None:
    """None where it is gone by now."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    kind = kind_of(status.st_mode)
    leads_to = end_of(home, (*parts, name)) if kind == "link" and time.monotonic() < deadline else ""
    return Entry(name, kind, status.st_size, status.st_mtime, leads_to)


def kind_of(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def end_of(home: int, parts: tuple[bytes, ...]) -> Kind | Literal[""]:
    if len(parts) > PATH_MAX_PARTS:
        return ""
    try:
        place = opener.open_below(home, parts)
    except OSError:
        return ""
    try:
        return kind_of(os.fstat(place).st_mode)
    finally:
        os.close(place)

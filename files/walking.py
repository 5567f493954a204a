"""Everything in a folder, by descriptors: no link is followed, nothing is opened but folders. For archive, versions."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from files import opener
from files.paths import PATH_MAX_PARTS
from files.spot import open_to_list

NAMES_MAX: Final = 50_000  # that one walk reads: they are held in memory, and a program can make millions
FLAGS = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """`place` is an O_PATH descriptor, open until the next entry is asked for; `parts` is the path in the home."""

    parts: tuple[bytes, ...]
    status: os.stat_result
    place: int

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)


def walk(home: int, parts: tuple[bytes, ...]) -> Iterator[Entry]:
    """What the path names, and all that is below it, each folder before what is in it, names in their order.

    What vanishes meanwhile is passed over, as is what lies deeper than a path may be, or after NAMES_MAX names. Raises
    OSError where there is nothing of that name.
    """
    place = opener.open_below(home, parts)
    try:
        yield from walk_place(place, parts, iter(range(NAMES_MAX)))
    finally:
        os.close(place)


def walk_place(place: int, parts: tuple[bytes, ...], allowance: Iterator[int]) -> Iterator[Entry]:
    entry = Entry(parts, os.fstat(place), place)
    yield entry
    if not entry.is_folder or len(parts) >= PATH_MAX_PARTS:
        return
    for name in names_in(place, allowance):
        try:
            below = os.open(name, FLAGS, dir_fd=place)
        except OSError:
            continue
        try:
            yield from walk_place(below, (*parts, name), allowance)
        finally:
            os.close(below)


def names_in(place: int, allowance: Iterator[int]) -> list[bytes]:
    """As many as are still allowed. Nothing for a folder that we may not read."""
    try:
        folder = open_to_list(place)
    except OSError:
        return []
    try:
        with os.scandir(folder) as entries:
            return sorted(os.fsencode(entry.name) for _, entry in zip(allowance, entries, strict=False))
    except OSError:
        return []
    finally:
        os.close(folder)

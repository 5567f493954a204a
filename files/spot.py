"""A name in a folder that is held open: where something is, or is going to be. For whatever changes a home."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from files import opener, words
from files.faults import BadName, Refused, in_words
from files.lookup import NotThere
from files.validators import etag_of

LINKS_MAX = 8


@dataclass(frozen=True)
class Spot:
    """`folder` is an O_PATH descriptor: the folder it means stays the same, whatever becomes of the path."""

    folder: int
    name: bytes
    parts: tuple[bytes, ...]  # the path from the home

    def status(self) -> os.stat_result | None:
        """Of what is there now, be it a link; None where nothing is."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def etag(self) -> str:
        status = self.status()
        return etag_of(status) if status else ""


@contextmanager
def hold(home: int, parts: tuple[bytes, ...]) -> Iterator[Spot]:
    """Raises NotThere where there is no such folder, BadName for the home itself."""
    if not parts:
        raise BadName(words.the_home())
    folder = open_folder(home, parts[:-1])
    try:
        yield Spot(folder, parts[-1], parts)
    finally:
        os.close(folder)


@contextmanager
def hold_file(home: int, parts: tuple[bytes, ...]) -> Iterator[Spot]:
    """Like hold; where the name is a link, the spot of what it leads to, in this home."""
    for _ in range(LINKS_MAX):
        with hold(home, parts) as spot:
            status = spot.status()
            if status is None or not stat.S_ISLNK(status.st_mode):
                yield spot
                return
        parts = real_parts(home, parts)
    raise Refused(words.too_many_links())


def open_folder(home: int, parts: tuple[bytes, ...]) -> int:
    """An O_PATH descriptor of a folder of the home. Raises NotThere."""
    try:
        folder = opener.open_below(home, parts)
    except OSError as error:
        if error.errno in opener.GONE:
            raise NotThere from error
        raise
    if not stat.S_ISDIR(os.fstat(folder).st_mode):
        os.close(folder)
        raise NotThere
    return folder


def open_to_list(folder: int) -> int:
    """A descriptor to read a folder with, or to flush it."""
    return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)


def real_parts(home: int, parts: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The path without links that leads to the same thing now. Raises NotThere."""
    with in_words(parts[-1] if parts else b""):
        place = opener.open_below(home, parts)
    try:
        top, path = (os.readlink(b"/proc/self/fd/%d" % descriptor) for descriptor in (home, place))
    finally:
        os.close(place)
    if path == top:
        return ()
    if not path.startswith(top + b"/"):
        raise NotThere
    return tuple(path[len(top) + 1 :].split(b"/"))

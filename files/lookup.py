"""What an address means in a folder: a file, with what is left of the path, or a folder. For cgirunner."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from files import opener

INDEXES: Final = (b"index.py", b"index.html")


class NotThere(Exception):
    """Nothing that anybody may see has this path."""


@dataclass(frozen=True)
class Found:
    """A regular file or a folder, held by an O_PATH descriptor that close() gives back."""

    place: int
    status: os.stat_result
    parts: tuple[bytes, ...]  # its path, from the folder that was searched
    rest: tuple[bytes, ...]  # names in the address after it; only a program takes any
    index: bool = False  # the address named the folder this is the index of

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_program(self) -> bool:
        return not self.is_folder and self.parts[-1].endswith(b".py")

    def close(self) -> None:
        os.close(self.place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def find(folder: int, parts: tuple[bytes, ...]) -> Found:
    """The longest beginning of the path that is a file (RFC 3875 3.3), or the folder that the whole path is.

    Raises NotThere, also for FIFOs, sockets and devices.
    """
    try:
        found = reach(folder, parts)
    except OSError as error:
        if error.errno in opener.GONE:
            raise NotThere from error
        raise
    if found.rest and not found.is_program:
        found.close()
        raise NotThere
    return found


def reach(folder: int, parts: tuple[bytes, ...]) -> Found:
    """Raises OSError. Takes few looks however many names there are: links can make each take milliseconds."""
    with suppress(NotADirectoryError):
        return take(folder, parts, ())
    # One of the names before the last is a file: the program, perhaps.
    enough, too_many = 0, len(parts)
    while too_many - enough > 1:
        count = (enough + too_many) // 2
        try:
            take(folder, parts[:count], ()).close()
            enough = count
        except NotADirectoryError:
            too_many = count
    return take(folder, parts[:enough], parts[enough:])


def find_index(folder: Found) -> Found:
    """The index.py or else the index.html of a folder. Raises NotThere."""
    for name in INDEXES:
        try:
            found = take(folder.place, (name,), ())
        except OSError as error:
            if error.errno in opener.GONE:
                continue
            raise
        if not found.is_folder:
            return Found(found.place, found.status, (*folder.parts, name), (), index=True)
        found.close()
    raise NotThere


def take(folder: int, parts: tuple[bytes, ...], rest: tuple[bytes, ...]) -> Found:
    place = opener.open_below(folder, parts)
    try:
        status = os.fstat(place)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise OSError(errno.ENOENT, "neither a file nor a folder")
    except OSError:
        os.close(place)
        raise
    return Found(place, status, parts, rest)

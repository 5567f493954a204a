"""Making, renaming and moving: each in one step, and never over something else. Called by api.py."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from files import words
from files.faults import Refused, Taken, in_words
from files.lookup import NotThere
from files.renaming import rename_free
from files.spot import hold, open_folder
from files.tree import FOLDER_BYTES, TO_LIST
from files.writing import Room, dress

Parts = tuple[bytes, ...]
NUMBERS_MAX: Final = 1000
NAME_MAX_BYTES: Final = 255


def make_folder(home: int, parts: Parts, room: Room) -> None:
    """Raises Taken, NotThere, NoRoom, Closed, BadName."""
    with hold(home, parts) as spot, in_words(spot.name):
        if spot.status() is not None:
            raise Taken(words.taken(spot.name))
        room(FOLDER_BYTES)
        try:
            make(spot.folder, spot.name, home)
        except OSError:
            room(-FOLDER_BYTES)
            raise


def make_folders(home: int, parts: Parts, room: Room) -> None:
    """This one and those above it, as far as they are missing. Raises NotThere, NoRoom, Closed, BadName."""
    for depth in range(1, len(parts) + 1):
        with suppress(Taken):
            make_folder(home, parts[:depth], room)


def make(folder: int, name: bytes, home: int) -> None:
    """Raises OSError."""
    os.mkdir(name, 0o700, dir_fd=folder)
    made = os.open(name, TO_LIST, dir_fd=folder)
    try:
        dress(made, home, 0o700)
    finally:
        os.close(made)


def rename(home: int, parts: Parts, name: bytes) -> Parts:
    """The new path. Raises Taken, NotThere, Closed, BadName."""
    with hold(home, parts) as spot:
        with in_words(spot.name):
            if spot.status() is None:
                raise NotThere
        if name != spot.name:
            with in_words(name):
                rename_free(spot.folder, spot.name, spot.folder, name)
        return (*parts[:-1], name)


def move(home: int, parts: Parts, to: Parts) -> Parts:
    """Into the folder `to`; the new path. Raises Taken, NotThere, Refused, Closed, BadName."""
    target = open_folder(home, to)
    try:
        with hold(home, parts) as spot, in_words(spot.name):
            try:
                rename_free(spot.folder, spot.name, target, spot.name)
            except OSError as error:
                if error.errno == errno.EINVAL:
                    raise Refused(words.into_itself(spot.name)) from error
                raise
        return (*to, parts[-1])
    finally:
        os.close(target)


def settle(folder: int, name: bytes, target: int, wanted: bytes, *, is_folder: bool) -> bytes:
    """Renames into `target` under the wanted name, or else the first numbered one that is free. Raises Taken."""
    for candidate in numbered(wanted, is_folder=is_folder):
        try:
            rename_free(folder, name, target, candidate)
        except FileExistsError:
            continue
        return candidate
    raise Taken(words.taken(wanted))


def numbered(name: bytes, *, is_folder: bool) -> Iterator[bytes]:
    """b"a.py", b"a (2).py", b"a (3).py" and so on."""
    yield name
    dot = -1 if is_folder else name.rfind(b".")
    stem, ending = (name[:dot], name[dot:]) if dot > 0 else (name, b"")
    for number in range(2, NUMBERS_MAX):
        tail = b" (%d)" % number + ending
        yield whole_characters(stem, NAME_MAX_BYTES - len(tail)) + tail


def whole_characters(name: bytes, length: int) -> bytes:
    """The beginning of a name, without half of a UTF-8 character at its end."""
    if len(name) <= length:
        return name
    while length > 0 and name[length] & 0xC0 == 0x80:
        length -= 1
    return name[:length]

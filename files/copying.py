"""Copying a file, or a folder with all in it: it appears whole, under a name that is free, or not at all. For api.py.

Pipes, sockets and devices are left out, links stay links. Nothing is followed out of the folder, even where a program
puts links in place of folders meanwhile: each step starts at a descriptor and opens one name, which may not be a link.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from files import words
from files.faults import Refused, in_words
from files.folders import Parts, make, settle
from files.lookup import NotThere
from files.opener import open_to_read
from files.paths import PATH_MAX_PARTS
from files.spot import hold, open_folder, open_to_list, real_parts
from files.tree import FOLDER_BYTES, TO_LIST, Budget, Spent, measure, remove
from files.writing import Room, dress

ENTRIES_MAX: Final = 20_000  # of one copy
PIECE_BYTES: Final = 1024 * 1024
TO_LOOK: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Copying:
    """One copy under way."""

    home: int
    room: Room
    budget: Budget
    taken_bytes: int = 0

    def take(self, more_bytes: int) -> None:
        """Raises NoRoom."""
        self.room(more_bytes)
        self.taken_bytes += more_bytes

    def copy(self, folder: int, name: bytes, target: int, new_name: bytes, depth: int = 0) -> None:
        """Raises Spent, NoRoom, OSError, with part of it done."""
        self.budget.spend()
        place = os.open(name, TO_LOOK, dir_fd=folder)
        try:
            mode = os.fstat(place).st_mode
            if stat.S_ISREG(mode):
                self.copy_file(place, target, new_name)
            elif stat.S_ISDIR(mode):
                self.copy_folder(place, target, new_name, depth)
            elif stat.S_ISLNK(mode):
                self.copy_link(place, target, new_name)
        finally:
            os.close(place)

    def copy_file(self, place: int, target: int, name: bytes) -> None:
        source = open_to_read(place)
        try:
            status = os.fstat(source)
            self.take(status.st_size)
            made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=target)
            try:
                self.copy_bytes(source, made, status.st_size)
                dress(made, self.home, stat.S_IMODE(status.st_mode) & 0o777)
            finally:
                os.close(made)
        finally:
            os.close(source)

    def copy_bytes(self, source: int, made: int, size_bytes: int) -> None:
        """No more than the file had at the beginning: a program may be making it longer all the time."""
        position = 0
        while data := os.pread(source, min(PIECE_BYTES, size_bytes - position), position):
            position += len(data)
            view = memoryview(data)
            while view:
                view = view[os.write(made, view) :]

    def copy_folder(self, place: int, target: int, name: bytes, depth: int) -> None:
        if depth >= PATH_MAX_PARTS:
            raise Spent
        self.take(FOLDER_BYTES)
        make(target, name, self.home)
        source = open_to_list(place)
        try:
            made = os.open(name, TO_LIST, dir_fd=target)
            try:
                with os.scandir(source) as entries:
                    names = [os.fsencode(entry.name) for entry in islice(entries, self.budget.left + 1)]
                for inner in names:
                    with suppress(FileNotFoundError):  # gone meanwhile
                        self.copy(source, inner, made, inner, depth + 1)
                os.fchmod(made, stat.S_IMODE(os.fstat(source).st_mode) & 0o777 | 0o700)
            finally:
                os.close(made)
        finally:
            os.close(source)

    def copy_link(self, place: int, target: int, name: bytes) -> None:
        os.symlink(os.readlink(b"", dir_fd=place), name, dir_fd=target)
        if os.geteuid() == 0:
            owner = os.fstat(self.home)
            made = os.open(name, TO_LOOK, dir_fd=target)
            try:
                if stat.S_ISLNK(os.fstat(made).st_mode):  # a program may have put something else there
                    os.chown(f"/proc/self/fd/{made}", owner.st_uid, owner.st_gid)  # the link's own: it leads no further
            finally:
                os.close(made)


def copy(home: int, parts: Parts, to: Parts, room: Room) -> Parts:
    """Into the folder `to`; the new path. Raises NotThere, NoRoom, Refused, Closed, BadName."""
    target = open_folder(home, to)
    try:
        with hold(home, parts) as spot, in_words(spot.name):
            status = spot.status()
            if status is None:
                raise NotThere
            is_folder = stat.S_ISDIR(status.st_mode)
            if not is_folder and not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
                raise Refused(words.no_file(spot.name))
            if is_folder and lies_in(real_parts(home, to), real_parts(home, parts)):
                raise Refused(words.into_itself(spot.name))
            size_bytes = measure(spot.folder, spot.name, ENTRIES_MAX).size_bytes
            room(size_bytes)  # said before anything is written, and of the whole of it
            room(-size_bytes)
            draft = b".ivle-" + secrets.token_hex(8).encode()
            copying = Copying(home, room, Budget(ENTRIES_MAX))
            try:
                copying.copy(spot.folder, spot.name, target, draft)
                name = settle(target, draft, target, spot.name, is_folder=is_folder)
            except BaseException as error:
                room(-copying.taken_bytes)
                with suppress(OSError, Spent):
                    remove(target, draft, Budget(2 * ENTRIES_MAX))
                if isinstance(error, Spent):
                    raise Refused(words.too_much_to_copy(spot.name, ENTRIES_MAX)) from error
                raise
        return (*to, name)
    finally:
        os.close(target)


def lies_in(parts: Parts, folder: Parts) -> bool:
    return parts[: len(folder)] == folder

"""What lies below a folder: how much it is, and removing all of it. By descriptors, bounded, following no link.

A program can nest folders deeper than any path can say, and change them while we look.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from files.paths import PATH_MAX_PARTS
from files.spot import open_to_list

FOLDER_BYTES: Final = 4096  # as which a folder counts
REMOVE_DEPTH: Final = 40  # deeper ones are first brought up; each level holds two descriptors
REMOVE_AT_ONCE: Final = 10_000
TO_LIST: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
TO_HOLD: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Amount:
    """`all_seen` is False where counting stopped at a bound: then there is more."""

    size_bytes: int = 0
    entries: int = 0
    all_seen: bool = True
    _linked: set[int] = field(default_factory=set, repr=False)

    def add(self, status: os.stat_result) -> None:
        self.entries += 1
        if stat.S_ISDIR(status.st_mode):
            self.size_bytes += FOLDER_BYTES
        elif status.st_nlink < 2 or status.st_ino not in self._linked:
            if status.st_nlink > 1:
                self._linked.add(status.st_ino)  # a file with two names is there once
            self.size_bytes += status.st_size


class Budget:
    """How many entries may still be touched."""

    def __init__(self, entries: int) -> None:
        self.left = entries

    def spend(self) -> None:
        """Raises Spent."""
        if self.left <= 0:
            raise Spent
        self.left -= 1


class Spent(Exception):
    """There is more than was to be done at once."""


def measure(folder: int, name: bytes, entries_max: int) -> Amount:
    """Of one thing in a folder, be it a file; `.` is the folder itself, which then does not count."""
    amount = Amount()
    levels: list[tuple[int, list[bytes]]] = []  # of each folder on the way: itself, and what is still to enter
    try:
        if name != b".":
            amount.add(os.stat(name, dir_fd=folder, follow_symlinks=False))
        enter(folder, name, levels, amount, entries_max)
        while levels:
            here, folders = levels[-1]
            if not folders:
                os.close(levels.pop()[0])
            elif len(levels) >= PATH_MAX_PARTS or amount.entries >= entries_max:
                amount.all_seen = False
                folders.clear()
            else:
                enter(here, folders.pop(), levels, amount, entries_max)
    except FileNotFoundError:
        pass
    finally:
        for here, _ in levels:
            os.close(here)
    return amount


def enter(folder: int, name: bytes, levels: list[tuple[int, list[bytes]]], amount: Amount, entries_max: int) -> None:
    """Adds what is in a folder. One that is gone, or closed to us, is nothing."""
    try:
        there = os.open(name, TO_LIST, dir_fd=folder)
    except OSError:
        return
    folders: list[bytes] = []
    levels.append((there, folders))
    with os.scandir(there) as entries:
        for entry in entries:
            if amount.entries >= entries_max:
                amount.all_seen = False
                break
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            amount.add(status)
            if stat.S_ISDIR(status.st_mode):
                folders.append(os.fsencode(entry.name))


def remove(folder: int, name: bytes, budget: Budget) -> None:
    """Removes a file, or a folder with all in it, for good. Raises Spent, with part of it gone; OSError."""
    names = [name]
    while names:
        current = names.pop()
        budget.spend()
        try:
            if remove_file(folder, current):
                continue
            brought_up = clear(folder, current, folder, budget, 0)
            names += brought_up if remove_folder(folder, current) else [current, *brought_up]
        except NotADirectoryError:
            names.append(current)  # a program has put something else in its place


def clear(folder: int, name: bytes, top: int, budget: Budget, depth: int) -> list[bytes]:
    """Empties a folder. What lies too deep goes into `top` instead, under the names that this gives."""
    brought_up: list[bytes] = []
    here = open_to_empty(folder, name)
    try:
        while names := first_names(here):
            for inner in names:
                budget.spend()
                with suppress(FileNotFoundError, NotADirectoryError):  # or else it is among the next names again
                    if remove_file(here, inner):
                        continue
                    if depth < REMOVE_DEPTH:
                        brought_up += clear(here, inner, top, budget, depth + 1)
                        remove_folder(here, inner)
                    else:
                        brought_up.append(bring_up(here, inner, top))
    finally:
        os.close(here)
    return brought_up


def bring_up(folder: int, name: bytes, top: int) -> bytes:
    os.close(open_to_empty(folder, name))  # or it may not leave its folder
    new_name = b".ivle-" + secrets.token_hex(8).encode()
    os.rename(name, new_name, src_dir_fd=folder, dst_dir_fd=top)
    return new_name


def remove_folder(folder: int, name: bytes) -> bool:
    """False where something is in it again: a program may be writing there."""
    try:
        os.rmdir(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        return False
    return True


def remove_file(folder: int, name: bytes) -> bool:
    """False for a folder."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except IsADirectoryError:
        return False
    return True


def first_names(folder: int) -> list[bytes]:
    with os.scandir(folder) as entries:
        return [os.fsencode(entry.name) for entry in islice(entries, REMOVE_AT_ONCE)]


def open_to_empty(folder: int, name: bytes) -> int:
    """Opens it to list it, whatever its mode says: it is going to be removed."""
    held = os.open(name, TO_HOLD, dir_fd=folder)
    try:
        if os.fstat(held).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(f"/proc/self/fd/{held}", stat.S_IRWXU)
        return open_to_list(held)
    finally:
        os.close(held)

"""What a backup is made of: all that is in the data folder but what may vanish. By descriptors; no link is followed.

A program can nest folders deeply, close its own files to itself, and change everything while we look.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from files import trash
from files.spot import open_to_list
from operations.backups.faults import BackupFault, printable

# Sockets and locks, unfinished uploads and restores, the students' Pythons (environments.py), and our own notes.
PASSED_OVER: Final = frozenset(
    (b"run", b"uploads", b"restoring", b"runtimes", b"lost+found", b"backup.json", b"backup.part")
)
DATABASE: Final = b"db.sqlite3"
HOMES: Final = b"homes"
TRASH: Final = b"trash"
VERSIONS: Final = b"versions"
DEPTH_MAX: Final = 200  # of folders in each other; a page shows half as many
TO_LOOK: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
TO_HOLD: Final = os.O_PATH | os.O_CLOEXEC
SEEN_MAX: Final = 200_000  # paths of one person that are remembered
CLOCK_NS: Final = 1_000_000_000  # so far a file system's clock may be behind ours: it ticks, on a busy machine late
NEVER: Final = 1 << 80
Note = Callable[[bytes, str], None]
Wanted = Callable[[bytes], bool]  # by its path


@dataclass(frozen=True)
class Found:
    """`path` is from the data folder. `place` is an O_PATH descriptor, open until the next one is asked for."""

    path: bytes
    status: os.stat_result
    place: int

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.status.st_mode)


@dataclass
class Walk:
    """Through one folder below the top, such as a person's. Things are moved in it meanwhile, out of what is still to
    be seen into what was seen already: then it is walked through once more, for what is new."""

    note: Note
    is_wanted: Wanted
    since_ns: int = NEVER  # a folder that changed later is one that something may have been moved out of
    has_changed: bool = False
    seen: set[int] = field(default_factory=set)  # the hashes of paths

    def is_new(self, path: bytes) -> bool:
        key = hash(path)
        if key in self.seen:
            return False
        if not self.is_full:
            self.seen.add(key)
        return True

    @property
    def is_full(self) -> bool:
        return len(self.seen) >= SEEN_MAX

    def leave_out(self, path: bytes, why: str) -> None:
        if self.is_new(path):
            self.note(path, why)

    def look_at(self, folder: Found) -> None:
        """When all in it was seen."""
        now_ns = os.fstat(folder.place).st_mtime_ns
        self.has_changed |= now_ns >= self.since_ns or now_ns != folder.status.st_mtime_ns


def find_all(data: int, note: Note) -> Iterator[Found]:
    """Each folder before what is in it. `note` is told what is left out, and why.

    The trash comes before the homes, so that what is put back meanwhile is in it, and again after them, for what was
    deleted meanwhile.
    """
    began = trash.stamp().encode()
    names = [name for name in sorted(names_in(data)) if name not in PASSED_OVER and not name.startswith(DATABASE)]
    rest = [name for name in names if name != TRASH]
    for name in [TRASH] * (TRASH in names) + rest:
        yield from find_at_top(data, name, Walk(note, lambda path: bin_of(path) < began))
    if TRASH in names:
        yield from find_at_top(data, TRASH, Walk(note, lambda path: not bin_of(path) or bin_of(path) >= began))


def bin_of(path: bytes) -> bytes:
    """Nothing for what is in none."""
    top, _person, name, *_rest = *path.split(b"/", 3), b"", b""
    return name if top == TRASH else b""


def find_at_top(data: int, name: bytes, walk: Walk) -> Iterator[Found]:
    """What is in the data folder itself is the administrator's: a link to another disk is meant. Raises BackupFault
    where that disk is not there, or a backup without it would take the place of older ones."""
    try:
        place = os.open(name, TO_HOLD, dir_fd=data)
    except FileNotFoundError as error:
        if name not in names_in(data):
            return
        raise BackupFault(
            _("%(name)s in the data folder leads to nothing, so no backup was made. Is a disk not mounted?")
            % {"name": printable(name)}
        ) from error
    try:
        found = Found(name, os.fstat(place), place)
        if found.is_folder:
            yield from find_below(found, 1, walk)
        elif found.is_file:
            yield found
        else:
            walk.note(name, _("is a pipe, a socket or a device"))
    finally:
        os.close(place)


def find_below(folder: Found, depth: int, walk: Walk) -> Iterator[Found]:
    yield folder
    if depth > DEPTH_MAX:
        walk.leave_out(folder.path, _("what is in it lies too deep"))
        return
    find = find_steadily if depth == 1 else find_entry
    try:
        with opened(folder.place, folder.status):
            for name in in_order(folder):
                yield from find(folder, name, depth, walk)
        walk.look_at(folder)
    except FileNotFoundError:
        walk.has_changed = True
    except OSError as error:
        if depth == 1 and not isinstance(error, PermissionError):
            raise  # nobody's folder, but that of all
        walk.leave_out(folder.path, _("this folder cannot be read"))


def in_order(folder: Found) -> Iterable[bytes]:
    """Of versions the lists before what they name: it is there before they name it."""
    is_versions = folder.path.startswith(VERSIONS + b"/") and folder.path.count(b"/") == 1
    return sorted(names_in(folder.place), reverse=True) if is_versions else names_in(folder.place)


def find_steadily(folder: Found, name: bytes, depth: int, walk: Walk) -> Iterator[Found]:
    """Below one at the top, where nothing is moved from one to another."""
    path = folder.path + b"/" + name
    if path.startswith(HOMES + b"/."):
        return  # a home that is being made
    first = Walk(walk.note, walk.is_wanted, time.time_ns() - CLOCK_NS)
    yield from find_entry(folder, name, depth, first)
    if not first.has_changed:
        return
    again = Walk(walk.note, walk.is_wanted, seen=first.seen)
    if not first.is_full:
        yield from find_entry(folder, name, depth, again)
    if first.is_full or again.has_changed:
        walk.note(path, _("something was moved or deleted in it all the time, and may be missing"))


def find_entry(folder: Found, name: bytes, depth: int, walk: Walk) -> Iterator[Found]:
    path = folder.path + b"/" + name
    if not walk.is_wanted(path):
        return
    try:
        place = os.open(name, TO_LOOK, dir_fd=folder.place)
    except FileNotFoundError:
        walk.has_changed = True  # deleted meanwhile, or moved
        return
    except OSError:
        walk.leave_out(path, _("cannot be read"))
        return
    try:
        found = Found(path, os.fstat(place), place)
        if found.is_folder:
            yield from find_below(found, depth + 1, walk)
        elif not found.is_file and not found.is_link:
            walk.leave_out(path, _("is a pipe, a socket or a device"))
        elif walk.is_new(path):
            yield found
    finally:
        os.close(place)


def names_in(folder: int) -> Iterator[bytes]:
    """As the kernel gives them, some thousand at a time: a program can make millions."""
    listed = open_to_list(folder)
    try:
        with os.scandir(listed) as entries:
            for entry in entries:
                yield os.fsencode(entry.name)
    finally:
        os.close(listed)


@contextmanager
def opened(place: int, status: os.stat_result) -> Iterator[None]:
    """Lets us in where its owner has closed it even to itself, for as long as this takes. Root needs no key."""
    key = stat.S_IRUSR | stat.S_IXUSR if stat.S_ISDIR(status.st_mode) else stat.S_IRUSR
    mode = stat.S_IMODE(status.st_mode)
    is_closed = mode & key != key and os.geteuid() == status.st_uid != 0
    if is_closed:
        os.chmod(f"/proc/self/fd/{place}", mode | key)
    try:
        yield
    finally:
        if is_closed:
            with suppress(OSError):
                os.chmod(f"/proc/self/fd/{place}", mode)

"""Saving a file: whole or not at all, and never over what somebody else saved. For api.py, uploads and versions."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, NewType

from django.conf import settings

from files import words
from files.faults import Conflict, Incomplete, IsFolder, in_words
from files.renaming import rename_free
from files.spot import Spot, hold_file, open_to_list
from files.validators import etag_of

LOCKS: Final = 64
NEW_FILE_MODE: Final = 0o600
Etag = NewType("Etag", str)
Room = Callable[[int], None]


class Absent:
    """Nothing may be there yet."""


ABSENT: Final = Absent()


@dataclass(frozen=True)
class Saved:
    etag: str
    size_bytes: int
    modified_ns: int
    is_new: bool


class Booking:
    """What a save takes of the owner's room: booked before it is written, given back where it fails."""

    def __init__(self, room: Room, freed_bytes: int) -> None:
        self.room = room
        self.freed_bytes = freed_bytes
        self.taken_bytes = 0

    def reach(self, size_bytes: int) -> None:
        """The new file is going to be this long. Raises NoRoom."""
        more = size_bytes - self.freed_bytes - self.taken_bytes
        if more > 0:
            self.room(more)
            self.taken_bytes += more

    def settle(self, size_bytes: int) -> None:
        self.room(min(size_bytes - self.freed_bytes - self.taken_bytes, 0))

    def give_back(self) -> None:
        self.room(-self.taken_bytes)


def save(
    home: int,
    parts: tuple[bytes, ...],
    chunks: Iterable[bytes],
    *,
    size_bytes: int | None,
    must_be: Etag | Absent | None,
    room: Room,
) -> Saved:
    """`size_bytes`: how much has to arrive, where that is known. Through a link, the file that it leads to is saved.

    `room` is called with how many bytes more are to be taken, or fewer (files/quota.py), before they are.
    Raises Conflict, NotThere, NoRoom, BadName, IsFolder, Closed, Incomplete; then the file is as it was.
    """
    with in_words(parts[-1] if parts else b""), hold_file(home, parts) as spot:
        old = check(spot, must_be)
        booking = Booking(room, old.st_size if old else 0)
        try:
            booking.reach(size_bytes or 0)
            with new_file(spot.folder) as (file, name):
                fill(file, chunks, size_bytes, booking)
                dress(file, home, stat.S_IMODE(old.st_mode) & 0o777 if old else NEW_FILE_MODE)
                os.fsync(file)
                with one_at_a_time(home):
                    check(spot, must_be)
                    saved = put(file, name, spot, must_be)
        except BaseException:
            booking.give_back()
            raise
        booking.settle(saved.size_bytes)
        flush(spot.folder)
        return saved


def check(spot: Spot, must_be: Etag | Absent | None) -> os.stat_result | None:
    """What is there now, if it may be replaced. Raises IsFolder, Conflict."""
    status = spot.status()
    if status and stat.S_ISDIR(status.st_mode):
        raise IsFolder(words.is_folder(spot.name))
    if status and not stat.S_ISREG(status.st_mode):
        raise IsFolder(words.no_file(spot.name))
    etag = etag_of(status) if status else ""
    if isinstance(must_be, Absent):
        if status:
            raise Conflict(etag)
    elif must_be is not None and must_be != etag:
        raise Conflict(etag)
    return status


@contextmanager
def new_file(folder: int) -> Iterator[tuple[int, bytes]]:
    """A descriptor of a file that nobody can see yet, and the hidden name that it may be given for a moment.

    Where the file system knows no files without a name (open(2), O_TMPFILE), it has this one from the beginning.
    """
    name = b".ivle-" + secrets.token_hex(8).encode()
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        file = os.open(".", flags | os.O_TMPFILE, NEW_FILE_MODE, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR):
            raise
        file = os.open(name, flags | os.O_CREAT | os.O_EXCL, NEW_FILE_MODE, dir_fd=folder)
    try:
        yield file, name
    finally:
        os.close(file)
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def fill(file: int, chunks: Iterable[bytes], size_bytes: int | None, booking: Booking) -> None:
    """Raises Incomplete where not all of it came."""
    written = 0
    for chunk in chunks:
        view = memoryview(chunk)
        booking.reach(written + len(view))
        while view:
            count = os.write(file, view)
            written += count
            view = view[count:]
    if size_bytes is not None and written != size_bytes:
        raise Incomplete(words.broken_off())


def dress(made: int, home: int, mode: int) -> None:
    """What the site makes in a home belongs to whom the home belongs to. `made` is open, not O_PATH."""
    if os.geteuid() == 0:
        owner = os.fstat(home)
        os.fchown(made, owner.st_uid, owner.st_gid)
    os.fchmod(made, mode)  # after the change of owner, which takes bits away


def put(file: int, name: bytes, spot: Spot, must_be: Etag | Absent | None) -> Saved:
    """Gives the new file its name, in one step. Others see the old file or the new one."""
    now = time.time_ns()
    os.utime(file, ns=(now, now))  # the kernel's own clock stands still for milliseconds; an etag must not repeat
    is_new = spot.status() is None
    saved = os.fstat(file)
    if saved.st_nlink == 0:
        os.link(f"/proc/self/fd/{file}", name, dst_dir_fd=spot.folder, follow_symlinks=True)
    if isinstance(must_be, Absent):
        try:
            rename_free(spot.folder, name, spot.folder, spot.name)
        except FileExistsError:
            raise Conflict(spot.etag()) from None
    else:
        os.rename(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
    return Saved(etag_of(saved), saved.st_size, saved.st_mtime_ns, is_new)


@contextmanager
def one_at_a_time(home: int) -> Iterator[None]:
    """Between the last look at the file and its replacement nobody else saves in this home, in any web process.

    The lock lies outside of the home, where no program of a student can hold it.
    """
    folder = settings.IVLE_HOMES.parent / "run" / "saving"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / str(os.fstat(home).st_ino % LOCKS), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def flush(folder: int) -> None:
    """So that the new name outlives a power cut. A folder that may not be read is left to the kernel."""
    with suppress(OSError):
        opened = open_to_list(folder)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

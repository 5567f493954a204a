"""Every save kept: keep, list, read, follow a rename, what was deleted. Called wherever a file of a home is written.

What is kept stays beside the homes, out of the reach of programs. docs/decisions/0054-versions.md says why it is so.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from django.conf import settings

from files import opener
from files.paths import BadPath, as_text, from_text
from files.quota import free_bytes
from files.version_store import (
    BLOCK_BYTES,
    COMPRESSION,
    CONTENT_MAX_BYTES,
    VERSIONS_MAX,
    History,
    Store,
    Version,
    blocks,
)
from files.walking import walk

REASONS: Final = ("save", "upload", "before_restore", "delete", "run")
LINE_BYTES: Final = 256  # what a version takes in its list, about
FOLDER_MAX_FILES: Final = 1000  # of a folder that is deleted; the trash has all of it
FOLDER_MAX_BYTES: Final = 32 * 1024 * 1024
DELETED_SHOWN_MAX: Final = 1000
MIB: Final = 1024 * 1024
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A version, as people see it."""

    id: str
    path: str
    saved: datetime
    size_bytes: int
    why: str


def store_of(owner: str) -> Store:
    return Store(settings.IVLE_HOMES.parent / "versions" / owner)


def keep(owner: str, parts: tuple[bytes, ...], home: int, why: str) -> str | None:
    """The id of the version that the file is now, or None where it is not kept: too large, not a file, or no room.

    Of a folder all files are kept, within bounds. A disk that fails is for the log: what was saved is saved.
    """
    try:
        if is_folder(home, parts):
            keep_folder(owner, parts, home, why)
            return None
        return keep_file(owner, parts, home, why)
    except OSError:
        log.exception("no version was kept of a file of %s", owner)
        return None


def keep_what_programs_wrote(owner: str, parts: tuple[bytes, ...], home: int, why: str = "run") -> None:
    """Before a file is written over: what is in it, unless that is its newest version already."""
    status = status_of(home, parts)
    if status and stat.S_ISREG(status.st_mode) and not is_newest(store_of(owner), parts, status):
        keep(owner, parts, home, why)


def keep_folder(owner: str, parts: tuple[bytes, ...], home: int, why: str) -> None:
    """The first files of it that are not kept already, and not more than can be read in a moment."""
    left_bytes = FOLDER_MAX_BYTES
    store = store_of(owner)
    for entry in islice((entry for entry in walk(home, parts) if entry.is_file), FOLDER_MAX_FILES):
        size_bytes = entry.status.st_size
        if size_bytes <= left_bytes and not is_newest(store, entry.parts, entry.status):
            left_bytes -= size_bytes
            keep_file(owner, entry.parts, home, why)


def is_newest(store: Store, parts: tuple[bytes, ...], status: os.stat_result) -> bool:
    newest = store.newest(as_text(parts))
    return newest is not None and (newest.size_bytes, newest.modified_ns) == (status.st_size, status.st_mtime_ns)


def keep_file(owner: str, parts: tuple[bytes, ...], home: int, why: str) -> str | None:
    found = read_file(home, parts)
    if found is None:
        return None
    content, modified_ns = found
    digest = hashlib.sha256(content).hexdigest()
    saved_ms = time.time_ns() // 1_000_000
    version = Version(0, digest, len(content), saved_ms, why, modified_ns)
    store = store_of(owner)
    with store.writing():
        path = as_text(parts)
        newest = store.newest(path)
        if newest and newest.digest == digest and newest.modified_ns == modified_ns:
            return History(path).id_of(newest)
        packed = b"" if store.size(digest) else zlib.compress(content, COMPRESSION)
        more_bytes = LINE_BYTES + blocks(len(packed)) + (0 if newest else BLOCK_BYTES)
        if not has_reserve() or not store.make_room(more_bytes, settings.IVLE_VERSIONS_MB * MIB, is_there(home)):
            return None
        if not store.size(digest):  # making room may just have taken it away
            store.put(digest, packed or zlib.compress(content, COMPRESSION))
        return History(path).id_of(store.add(path, version))


def list_versions(owner: str, parts: tuple[bytes, ...]) -> list[Kept]:
    """Newest first."""
    history = store_of(owner).history(as_text(parts))
    return [as_kept(history, version) for version in reversed(history.versions[-VERSIONS_MAX:])]


def read(owner: str, version_id: str) -> tuple[Kept, bytes]:
    """Raises NotKept."""
    store = store_of(owner)
    history, version = store.find(version_id)
    return as_kept(history, version), store.read(version.digest)


def list_deleted(owner: str, home: int) -> list[Kept]:
    """The last version of each file that is no longer where it was, whoever took it away; the latest first."""
    there = is_there(home)
    gone = [(history, history.newest) for history in store_of(owner).histories() if not there(history.path)]
    found = [as_kept(history, newest) for history, newest in gone if newest]
    return sorted(found, key=lambda kept: kept.saved, reverse=True)[:DELETED_SHOWN_MAX]


def follow(owner: str, old: tuple[bytes, ...], new: tuple[bytes, ...]) -> None:
    """After a file or folder was renamed or moved: what was kept of it goes by its new name."""
    before, after = as_text(old), as_text(new)
    store = store_of(owner)
    if not store.lists.is_dir():
        return
    try:
        with store.writing():
            moving = [store.history(before)] if store.history(before).versions else list(store.histories())
            for history in moving:
                if history.path == before or history.path.startswith(f"{before}/"):
                    move_history(store, history, after + history.path[len(before) :])
    except OSError:
        log.exception("the versions of a file of %s did not follow it", owner)


def move_history(store: Store, history: History, path: str) -> None:
    """Behind what is kept of an earlier file of that name. A writer that dies between leaves both names."""
    before = store.history(path).versions
    count = before[-1].number if before else 0
    renumbered = tuple(
        Version(**{**vars(version), "number": count + index}) for index, version in enumerate(history.versions, 1)
    )
    store.write_list(History(path, (*before, *renumbered)))
    store.forget_list(history)


def as_kept(history: History, version: Version) -> Kept:
    saved = datetime.fromtimestamp(version.saved_ms / 1000, UTC)
    return Kept(history.id_of(version), history.path, saved, version.size_bytes, version.why)


def read_file(home: int, parts: tuple[bytes, ...]) -> tuple[bytes, int] | None:
    """What is in a file and its time of change; None for what cannot be kept."""
    try:
        place = opener.open_below(home, parts)
        try:
            with open(opener.open_to_read(place), "rb") as file:
                content = file.read(CONTENT_MAX_BYTES + 1)
                modified_ns = os.fstat(file.fileno()).st_mtime_ns
        finally:
            os.close(place)
    except OSError as error:
        if error.errno in opener.GONE or error.errno == errno.EINVAL:
            return None
        raise
    return (content, modified_ns) if len(content) <= CONTENT_MAX_BYTES else None


def is_folder(home: int, parts: tuple[bytes, ...]) -> bool:
    status = status_of(home, parts)
    return status is not None and stat.S_ISDIR(status.st_mode)


def size_of(home: int, parts: tuple[bytes, ...]) -> int:
    """0 for what is no file."""
    status = status_of(home, parts)
    return status.st_size if status and stat.S_ISREG(status.st_mode) else 0


def is_there(home: int) -> Callable[[str], bool]:
    """Asks whether a path of a list still names a file of the home."""

    def ask(path: str) -> bool:
        try:
            parts = from_text(path)
        except BadPath:
            return False
        status = status_of(home, parts)
        return status is not None and stat.S_ISREG(status.st_mode)

    return ask


def status_of(home: int, parts: tuple[bytes, ...]) -> os.stat_result | None:
    try:
        place = opener.open_below(home, parts)
    except OSError:
        return None
    try:
        return os.fstat(place)
    finally:
        os.close(place)


def has_reserve() -> bool:
    """Versions are the first to do without when the disk is nearly full."""
    return free_bytes() > settings.IVLE_DISK_RESERVE_MB * MIB

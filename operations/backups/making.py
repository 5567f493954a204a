"""Makes a backup: the database of one moment first, then all files, so that no row speaks of a file that is not in it.

What is there under the final name is whole: it grows in a folder beside it, and gets its name at the end.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from operations.backups import environments, snapshot
from operations.backups.faults import BackupFault, in_words, printable
from operations.backups.manifest import NAME, Manifest
from operations.backups.source import Found, find_all
from operations.backups.tar_stream import TarStream
from sandbox.descriptors import allow_many_descriptors

DRAFT: Final = ".ivle-backup-"
PACKED: Final = ".gz"
LEVEL: Final = 1  # of gzip: what is large is packed already, and the site wants the processor
NOTES: Final = "left-out.txt"
NOTES_MAX: Final = 10_000
JUST_MADE_SECONDS: Final = 10.0  # which whoever made it may not have locked yet
LAST: Final = "backup.json"  # in the data folder
OLD: Final = timedelta(days=2)  # of the last one, from which on somebody is told


@dataclass
class Notes:
    """What is left out, a line each."""

    lines: list[bytes] = field(default_factory=list)
    count: int = 0

    def __call__(self, path: bytes, why: str) -> None:
        self.count += 1
        if len(self.lines) < NOTES_MAX:
            self.lines.append(f"{printable(path)}: {why}\n".encode())

    def as_bytes(self) -> bytes:
        more = self.count - len(self.lines)
        return b"".join(self.lines) + (_("and %(count)d more\n") % {"count": more}).encode() * bool(more)


@dataclass(frozen=True)
class Made:
    """`digest` is the SHA-256 of the whole backup."""

    moment: datetime
    files: int
    content_bytes: int
    size_bytes: int
    digest: str
    notes: Notes


@dataclass
class Counted:
    """Writes, counts and sums what is written."""

    file: IO[bytes]
    size_bytes: int = 0
    sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes, /) -> int:
        self.file.write(data)
        self.sum.update(data)
        self.size_bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """As gzip wants it of a file."""


def make_file(target: Path, *, has_files: bool = True) -> Made:
    """Raises BackupFault. A name that ends in .gz makes it packed."""
    refuse_place(target)
    with in_words(target.parent), draft_beside(target) as draft:
        made = draft / target.name
        with open(made, "xb", opener=closed_to_others) as file:
            report = make(file, draft, is_packed=target.suffix == PACKED, has_files=has_files)
            file.flush()
            os.fsync(file.fileno())
        os.link(made, target)  # unlike rename, never over another
        flush_folder(target.parent)
    note_last(report, target.stat().st_dev)
    return report


def closed_to_others(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def make_stream(stream: IO[bytes], *, has_files: bool = True) -> Made:
    """Raises BackupFault. Never packed: what takes it in wants to compare it with the last one."""
    folder = Path(tempfile.gettempdir())
    with in_words(folder), tempfile.TemporaryDirectory(prefix="ivle-backup-") as draft:
        report = make(stream, Path(draft), is_packed=False, has_files=has_files)
        stream.flush()
    note_last(report)
    return report


def make(stream: IO[bytes], draft: Path, *, is_packed: bool, has_files: bool) -> Made:
    allow_many_descriptors()
    moment = datetime.now(UTC)
    notes = Notes()
    counted = Counted(stream)
    kind = snapshot.kind_here()
    copy = draft / kind.name
    kind.write(copy)
    manifest = Manifest(
        moment.isoformat(timespec="seconds"),
        connection.vendor,
        snapshot.migrations_applied(),
        settings.IVLE_JAIL_UID,
        has_files,
    )
    with tempfile.TemporaryFile(dir=draft) as sums, packing(counted, is_packed=is_packed) as sink:
        tar = TarStream(sink, sums, notes)
        tar.add_text(NAME, manifest.as_bytes())
        add_ours(tar, copy, kind.name)
        tar.add_text(environments.NAME, environments.as_text())
        if has_files:
            add_data(tar, settings.IVLE_DATA, notes)
        tar.add_text(NOTES, notes.as_bytes())
        tar.finish()
    return Made(moment, tar.files, tar.content_bytes, counted.size_bytes, counted.sum.hexdigest(), notes)


@contextmanager
def packing(sink: Counted, *, is_packed: bool) -> Iterator[Counted | gzip.GzipFile]:
    if not is_packed:
        yield sink
        return
    with gzip.GzipFile("", "wb", LEVEL, sink, mtime=0) as packed:
        yield packed


def add_ours(tar: TarStream, file: Path, name: str) -> None:
    file.chmod(0o600)
    place = os.open(file, os.O_PATH | os.O_CLOEXEC)
    try:
        tar.add(Found(name.encode(), os.fstat(place), place))
    finally:
        os.close(place)
    file.unlink()


def add_data(tar: TarStream, data: Path, notes: Notes) -> None:
    folder = os.open(data, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for found in find_all(folder, notes):
            tar.add(found)
    finally:
        os.close(folder)


def refuse_place(target: Path) -> None:
    if not target.parent.is_dir():
        raise BackupFault(_("There is no folder %(folder)s.") % {"folder": target.parent})
    if target.exists():
        raise BackupFault(_("%(place)s is there already. Name another file, or a folder.") % {"place": target})
    if target.resolve().is_relative_to(settings.IVLE_DATA.resolve()):
        raise BackupFault(
            _("%(place)s lies in what is backed up, and would be lost with it. Name a place outside of %(data)s.")
            % {"place": target, "data": settings.IVLE_DATA}
        )


@contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """A folder for what is unfinished; whoever holds its lock works in it, and the others are what was left."""
    for left in target.parent.glob(f"{DRAFT}*"):
        remove_if_left(left)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=target.parent))
    lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(lock)


def remove_if_left(draft: Path) -> None:
    lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.time() - os.fstat(lock).st_mtime > JUST_MADE_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)


def flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def note_last(made: Made, device: int | None = None) -> None:
    """For who asks when the last backup was made, and on which disk. One that is full must not make a backup fail that
    is there."""
    place: Path = settings.IVLE_DATA / LAST
    about = {
        "made": made.moment.isoformat(timespec="seconds"),
        "size_bytes": made.size_bytes,
        "left_out": made.notes.count,
        "device": device,
    }
    try:
        draft = place.with_suffix(".part")
        draft.write_text(json.dumps(about))
        draft.replace(place)
    except OSError:
        return


def is_last_beside_data() -> bool:
    """Does the last one lie on the disk that it is to replace?"""
    try:
        about = json.loads((settings.IVLE_DATA / LAST).read_text())
        return bool(about.get("device") == settings.IVLE_DATA.stat().st_dev)
    except (OSError, ValueError, AttributeError):
        return False


def last_made() -> datetime | None:
    """When the last backup was made, if any was."""
    try:
        return datetime.fromisoformat(json.loads((settings.IVLE_DATA / LAST).read_text())["made"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

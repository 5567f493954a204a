"""Reads a backup from its beginning to its end, entry by entry, and knows in the end whether all of it was right.

Whoever uses what it gives before that must be able to throw it away.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from operations.backups import manifest
from operations.backups.faults import BackupFault, printable
from operations.backups.manifest import Manifest
from operations.backups.source import DATABASE, PASSED_OVER
from operations.backups.tar_stream import PIECE_BYTES, SUMS, sum_line

GZIP_BEGINNING: Final = b"\x1f\x8b"
KINDS: Final = (tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE)
DAMAGED: Final = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError)
DOTS: Final = frozenset((b"", b".", b".."))
MOST_SHARED: Final = 2  # parts of a path: only one person's files have second names, each other's
Take = Callable[[bytes, int], None]  # what a file has at a position


@dataclass(frozen=True)
class Entry:
    """`copy` reads a file's content, once, and hands it over; it leaves out the holes."""

    info: tarfile.TarInfo
    parts: tuple[bytes, ...]
    copy: Callable[[Take], None]

    @property
    def modified_ns(self) -> int:
        seconds, _point, fraction = self.info.pax_headers.get("mtime", "0").partition(".")
        nanoseconds = int(seconds or "0") * 10**9
        part = int(fraction.ljust(9, "0")[:9] or "0")
        return nanoseconds - part if seconds.startswith("-") else nanoseconds + part

    @property
    def target(self) -> bytes:
        return self.info.linkname.encode("utf-8", "surrogateescape")


def read_backup(stream: IO[bytes]) -> tuple[Manifest, Iterator[Entry]]:
    """Raises BackupFault, the iterator too: at its end, when something was damaged or missing.

    Whoever copies what an entry has does it in damage_in_words().
    """
    with damage_in_words():
        plain = unpacked(stream)
        tar = tarfile.open(fileobj=plain, mode="r|", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        first = tar.next()
        if first is None or first.name != manifest.NAME or first.size > manifest.MOST_BYTES:
            raise BackupFault(_("This is no backup of ivle."))
        content = content_of(tar, first)
    return manifest.read_manifest(content), entries_of(
        tar, sum_line(hashlib.sha256(content).hexdigest(), first.name), plain
    )


def unpacked(stream: IO[bytes]) -> IO[bytes]:
    """As gzip's own reader has it, because tarfile's does not look at the checksum."""
    buffered = Peekable(stream)
    readable: Any = buffered  # as far as gzip and tarfile use it
    return gzip.GzipFile(fileobj=readable, mode="rb") if buffered.first == GZIP_BEGINNING else readable  # type: ignore[return-value]


class Peekable:
    """A stream whose first two bytes are known."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.first = self.left = stream.read(2)

    def read(self, size: int = -1) -> bytes:
        if not self.left:
            return self.stream.read(size)
        data, self.left = self.left, b""
        return data + (self.stream.read(size - len(data)) if size > len(data) else b"")


def entries_of(tar: tarfile.TarFile, first_sum: bytes, plain: IO[bytes]) -> Iterator[Entry]:
    with tempfile.TemporaryFile() as sums, damage_in_words():
        sums.write(first_sum)
        while (info := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # or it remembers all of them
            if info.name == SUMS:
                compare(sums, content_lines(tar, info))
                if tar.next() is not None:
                    raise BackupFault(_("This backup is damaged: something follows its end."))
                while plain.read(PIECE_BYTES):  # the checksum of gzip comes last
                    pass
                return
            yield from checked(tar, info, sums)
        raise BackupFault(_("This backup is not whole: its end is missing."))


def checked(tar: tarfile.TarFile, info: tarfile.TarInfo, sums: IO[bytes]) -> Iterator[Entry]:
    parts = parts_of(info.name)
    if not is_ours(info, parts):
        raise BackupFault(_("This is no backup of ivle: it has an entry %(name)s.") % {"name": ascii(info.name)})
    digest = hashlib.sha256()
    was_read = False

    def copy(take: Take) -> None:
        nonlocal was_read
        was_read = True
        copy_content(tar, info, digest, take)

    yield Entry(info, parts, copy)
    if info.isreg():
        if not was_read:
            copy(lambda data, position: None)
        sums.write(sum_line(digest.hexdigest(), info.name))


def is_ours(info: tarfile.TarInfo, parts: tuple[bytes, ...]) -> bool:
    """Might making.py have written it? Nothing else comes back: no link in the place of a whole folder, no journal of
    the database, no second name of a file beside one of another person's."""
    is_journal = parts[0].startswith(DATABASE) and parts != (DATABASE,)
    if info.type not in KINDS or DOTS & set(parts) or parts[0] in PASSED_OVER or is_journal:
        return False
    if info.type == tarfile.LNKTYPE:
        target = parts_of(info.linkname)
        return len(parts) > MOST_SHARED and target[:MOST_SHARED] == parts[:MOST_SHARED] and not DOTS & set(target)
    return len(parts) > 1 or info.type != tarfile.SYMTYPE


def parts_of(name: str) -> tuple[bytes, ...]:
    return tuple(name.encode("utf-8", "surrogateescape").split(b"/"))


def copy_content(tar: tarfile.TarFile, info: tarfile.TarInfo, digest: hashlib._Hash, take: Take) -> None:
    file = tar.extractfile(info)
    if file is None:
        raise BackupFault(_("This backup is not whole: its end is missing."))
    position = 0
    segments: Any = info.sparse  # its type is not the number that its stubs say
    for start, length in segments if segments is not None else [(0, info.size)]:
        for end in (start, start + length):
            while position < end:
                data = file.read(min(PIECE_BYTES, end - position))
                if not data:
                    raise EOFError
                digest.update(data)
                if end != start:
                    take(data, position)
                position += len(data)


def content_of(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    return file.read() if file else b""


def content_lines(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(info)
    return iter(file) if file else iter(())


def compare(sums: IO[bytes], wanted: Iterator[bytes]) -> None:
    """Raises BackupFault, naming the first that differs."""
    sums.seek(0)
    for found, line in zip_longest(sums, wanted, fillvalue=b""):
        if found != line:
            name = printable((line or found).partition(b"  ")[2].strip())
            raise BackupFault(_("This backup is damaged: %(name)s is not as it was written.") % {"name": name})


class damage_in_words:  # noqa: N801
    """What the standard library says of a broken file, as a sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DAMAGED) and not isinstance(error, BackupFault):
            raise BackupFault(_("This backup is damaged or not whole: %(why)s.") % {"why": error}) from error

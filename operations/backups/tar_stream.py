"""Writes a backup: a tar that any tar unpacks (POSIX.1-2008 pax, holes as GNU tar has them), as it goes, in one pass.

Names may be any bytes, times are exact to the nanosecond. The last entry is SHA256SUMS, for `sha256sum --check`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, Protocol

from django.utils.translation import gettext as _

from files.opener import open_to_read
from operations.backups.source import Found, Note, opened

SUMS: Final = "SHA256SUMS"
PIECE_BYTES: Final = 1024 * 1024
STEADY_MAX_BYTES: Final = 8 * 1024 * 1024  # of a file that is read again when it changed meanwhile
STEADY_TRIES: Final = 3
SEGMENTS_MAX: Final = 20_000
LINKED_MAX: Final = 100_000  # of one person's files with several names; more of them are kept once for each name
PAGE_BYTES: Final = 4096
ZEROS: Final = bytes(PIECE_BYTES)
Segment = tuple[int, int]  # where it begins, and its length


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


@dataclass
class TarStream:
    """`sums` is a file to write, which is read at the end."""

    sink: Sink
    sums: IO[bytes]
    note: Note
    files: int = 0
    content_bytes: int = 0
    _linked: dict[tuple[int, int], str] = field(default_factory=dict)
    _whose: bytes = b""

    def add(self, found: Found) -> None:
        """A folder, file or link. What is gone by now is passed over, what cannot be read is noted."""
        if found.is_folder:
            if found.path.count(b"/") == 1:  # a look begins, maybe the second one: what had a name may have it no more
                self._linked = {}
            self.header(found, "", tarfile.DIRTYPE)
        elif found.is_link:
            try:
                target = text(os.readlink(b"", dir_fd=found.place))
            except OSError:
                self.note(found.path, _("cannot be read"))
                return
            self.header(found, target, tarfile.SYMTYPE)
        elif found.is_file:
            first = self.first_name(found)
            if first == text(found.path):
                return
            if first:
                self.header(found, first, tarfile.LNKTYPE)
            elif self.add_file(found) and found.status.st_nlink > 1 and len(self._linked) < LINKED_MAX:
                self._linked[found.status.st_dev, found.status.st_ino] = text(found.path)

    def first_name(self, found: Found) -> str:
        """Of a file with several names, where it is in the backup already. Only one person's files can be one."""
        whose = b"/".join(found.path.split(b"/", 2)[:2])
        if whose != self._whose:
            self._whose, self._linked = whose, {}
        return self._linked.get((found.status.st_dev, found.status.st_ino), "")

    def add_file(self, found: Found) -> bool:
        try:
            with opened(found.place, found.status):
                file = open_to_read(found.place)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ESTALE):
                self.note(found.path, _("cannot be read"))
            return False
        try:
            content, status = read_steady(file)
        except OSError:  # a sector of the disk that is gone
            self.note(found.path, _("cannot be read"))
            os.close(file)
            return False
        try:
            if content is None:
                self.add_large(found, file, status)
            else:
                self.header(found, "", tarfile.REGTYPE, status)
                self.content(text(found.path), iter(((content, True),)))
        finally:
            os.close(file)
        return True

    def add_large(self, found: Found, file: int, status: os.stat_result) -> None:
        """It is read once. Where it becomes shorter meanwhile, zeros take the place of what is gone."""
        segments = segments_of(file, status)
        is_sparse = segments != [(0, status.st_size)]
        self.header(found, "", tarfile.REGTYPE, status, segments if is_sparse else None)
        spoiled: list[int] = []
        self.content(text(found.path), pieces(file, segments, status.st_size, spoiled))
        if spoiled:
            self.note(found.path, _("cannot be read everywhere: there are zeros in it"))
        now = os.fstat(file)
        if (now.st_mtime_ns, now.st_size) != (status.st_mtime_ns, status.st_size):
            self.note(found.path, _("changed while it was read, so it may be of two moments"))

    def add_text(self, name: str, content: bytes) -> None:
        """Of our own."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        self.write_header(info)
        self.content(name, iter(((content, True),)))

    def finish(self) -> None:
        """After everything else."""
        self.sums.flush()
        info = tarfile.TarInfo(SUMS)
        info.size, info.mode = self.sums.tell(), 0o600
        self.write_header(info)
        self.sums.seek(0)
        while data := self.sums.read(PIECE_BYTES):
            self.sink.write(data)
        self.pad(info.size)
        self.sink.write(bytes(2 * tarfile.BLOCKSIZE))

    def header(
        self,
        found: Found,
        leads_to: str,
        kind: bytes,
        status: os.stat_result | None = None,
        segments: list[Segment] | None = None,
    ) -> None:
        status = status or found.status
        info = tarfile.TarInfo(text(found.path))
        info.type, info.linkname = kind, leads_to
        info.mode, info.uid, info.gid = stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
        info.mtime = max(status.st_mtime_ns // 10**9, 0)
        info.pax_headers = {"mtime": as_seconds(status.st_mtime_ns)}
        info.size = status.st_size if kind == tarfile.REGTYPE else 0
        self.files += kind == tarfile.REGTYPE
        table = b""
        if segments is not None:
            table = table_of(segments)
            info.size = len(table) + sum(length for _start, length in segments)
            info.pax_headers |= {
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": info.name,
                "GNU.sparse.realsize": str(status.st_size),
            }
        self.write_header(info)
        self.sink.write(table)

    def write_header(self, info: tarfile.TarInfo) -> None:
        self.sink.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))

    def content(self, name: str, data: Iterator[tuple[bytes, bool]]) -> None:
        """Pieces, and whether each is written; holes are summed only."""
        digest, written = hashlib.sha256(), 0
        for piece, is_kept in data:
            digest.update(piece)
            self.content_bytes += len(piece)
            if is_kept:
                self.sink.write(piece)
                written += len(piece)
        self.pad(written)
        self.sums.write(sum_line(digest.hexdigest(), name))

    def pad(self, size_bytes: int) -> None:
        self.sink.write(bytes(-size_bytes % tarfile.BLOCKSIZE))


def read_steady(file: int) -> tuple[bytes | None, os.stat_result]:
    """All of a small file as it was at one moment, if it holds still; None for one to read piece by piece."""
    status = os.fstat(file)
    for _try in range(STEADY_TRIES):
        if status.st_size > STEADY_MAX_BYTES or status.st_blocks * 512 < status.st_size:
            break
        content = b"".join(piece for piece, _ in pieces(file, [(0, status.st_size)], status.st_size))
        before, status = status, os.fstat(file)
        if (before.st_mtime_ns, before.st_size) == (status.st_mtime_ns, status.st_size):
            return content, status
    return None, status


def segments_of(file: int, status: os.stat_result) -> list[Segment]:
    """Where a file has content, in its order, up to its end; the rest are holes."""
    size = status.st_size
    if status.st_blocks * 512 >= size:
        return [(0, size)]
    segments: list[Segment] = []
    position = 0
    while position < size:
        try:
            start = os.lseek(file, position, os.SEEK_DATA)
            position = min(os.lseek(file, start, os.SEEK_HOLE), size)
        except OSError:  # no more, or a file system that does not tell
            break
        if start >= size:
            break
        if len(segments) == SEGMENTS_MAX:
            position = size
        segments.append((start, position - start))
    if not segments or sum(segments[-1]) < size:
        segments.append((size, 0))  # so that whoever unpacks knows its length
    return segments


def pieces(
    file: int, segments: list[Segment], size: int, spoiled: list[int] | None = None
) -> Iterator[tuple[bytes, bool]]:
    """The whole content, with False for what lies in holes. What is not there any more is zeros.

    What the disk does not give is zeros as well, and `spoiled` gets where; without that it raises OSError.
    """
    position = 0
    for start, length in segments:
        while position < start:
            yield ZEROS[: start - position], False
            position += min(PIECE_BYTES, start - position)
        end = start + length
        while position < end:
            data = read_piece(file, min(PIECE_BYTES, end - position), position, spoiled) or ZEROS[: end - position]
            position += len(data)
            yield data, True


def read_piece(file: int, size: int, position: int, spoiled: list[int] | None) -> bytes:
    try:
        return os.pread(file, size, position)
    except OSError:
        if spoiled is None:
            raise
    size = min(size, PAGE_BYTES - position % PAGE_BYTES)  # what is before and after the bad place can be read
    try:
        return os.pread(file, size, position)
    except OSError:
        spoiled.append(position)
        return ZEROS[:size]


def table_of(segments: list[Segment]) -> bytes:
    """The sparse format 1.0 of GNU tar's manual, appendix D."""
    numbers = [len(segments), *(number for segment in segments for number in segment)]
    table = "".join(f"{number}\n" for number in numbers).encode()
    return table + bytes(-len(table) % tarfile.BLOCKSIZE)


def sum_line(digest: str, name: str) -> bytes:
    """As sha256sum of GNU coreutils has it."""
    plain = name.encode("utf-8", "surrogateescape")
    escaped = plain.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"\\" if escaped != plain else b"") + f"{digest}  ".encode() + escaped + b"\n"


def as_seconds(nanoseconds: int) -> str:
    sign = "-" if nanoseconds < 0 else ""
    return f"{sign}{abs(nanoseconds) // 10**9}.{abs(nanoseconds) % 10**9:09d}"


def text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")

"""Files and folders as one zip, made while it is sent: in little memory, nothing on the disk. For api_archive.py.

What changes or vanishes meanwhile breaks nothing; what could not be taken is named in a text that comes last.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from files.faults import TooLarge
from files.folders import numbered
from files.lookup import NotThere
from files.opener import open_to_read
from files.paths import shown
from files.walking import Entry, walk

Parts = tuple[bytes, ...]
ENTRIES_MAX: Final = 20_000
PIECE_BYTES: Final = 256 * 1024
READ_MAX_BYTES: Final = 4 * 1024 * 1024  # for one piece: zeros become a thousandth, and a thread is for everybody
LEVEL: Final = 1  # of zlib: whoever downloads waits
UTF8_FLAG: Final = 0x800
YEARS: Final = (1980, 2107)  # that a zip can say
NOTES_MAX: Final = 1000
MIB: Final = 1024 * 1024


class Named(zipfile.ZipInfo):
    """An entry whose name is bytes. As the format has it (APPNOTE 4.4.4, bit 11): UTF-8 says that it is; what is not
    UTF-8 is left as it is, and a Unix reader makes the same bytes of it."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes, status: os.stat_result) -> None:
        super().__init__(os.fsdecode(raw), date_of(status))
        self.raw = raw
        self.create_system = 3  # Unix
        self.external_attr = (status.st_mode & 0xFFFF) << 16
        self.compress_type = zipfile.ZIP_STORED if raw.endswith(b"/") else zipfile.ZIP_DEFLATED
        self._compresslevel = LEVEL  # type: ignore[misc]  # in its base, for the documented ways to set it alone

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        """Overrides what ZipInfo writes."""
        try:
            self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return self.raw, self.flag_bits
        return self.raw, self.flag_bits | (0 if self.raw.isascii() else UTF8_FLAG)


class Sink:
    """What the zip is written to: cannot go back, and is emptied as it is filled."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.held_bytes = 0
        self.read_bytes = 0  # of files, for what it holds

    @property
    def is_full(self) -> bool:
        return self.held_bytes >= PIECE_BYTES or self.read_bytes >= READ_MAX_BYTES

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        self.held_bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """As a file has it."""

    def take(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        self.held_bytes = self.read_bytes = 0
        return taken


@dataclass
class Packing:
    """One zip under way."""

    home: int
    paths: list[Parts]
    sink: Sink = field(default_factory=Sink)
    notes: list[str] = field(default_factory=list)

    def pieces(self) -> Generator[bytes]:
        """A piece may be empty, where much was read for little."""
        with zipfile.ZipFile(self.sink, "w") as archive:  # type: ignore[call-overload]
            tops: set[bytes] = set()
            for parts in self.paths:
                top = next(
                    name for name in numbered(parts[-1] if parts else b"home", is_folder=False) if name not in tops
                )
                tops.add(top)
                yield from self.pack(archive, parts, top)
            if self.notes:
                name = next(name for name in numbered(_("Left out.txt").encode(), is_folder=False) if name not in tops)
                archive.writestr(Named(name, os.fstat(self.home)), self.note_text())
        yield self.sink.take()

    def pack(self, archive: zipfile.ZipFile, parts: Parts, top: bytes) -> Iterator[bytes]:
        try:
            for count, entry in enumerate(walk(self.home, parts)):
                if count >= ENTRIES_MAX:
                    self.note(parts, _("has more in it than fits"))
                    break
                yield from self.add(archive, entry, b"/".join((top, *entry.parts[len(parts) :])))
        except OSError:
            self.note(parts, _("is not there any more"))

    def add(self, archive: zipfile.ZipFile, entry: Entry, name: bytes) -> Iterator[bytes]:
        if entry.is_folder:
            archive.writestr(Named(name + b"/", entry.status), b"")
        elif entry.is_file:
            yield from self.add_file(archive, entry, name)
        elif stat.S_ISLNK(entry.status.st_mode):
            self.note(entry.parts, _("is a link"))
        else:
            self.note(entry.parts, _("is not a file: a program made it as a pipe, a socket or a device"))

    def add_file(self, archive: zipfile.ZipFile, entry: Entry, name: bytes) -> Iterator[bytes]:
        """No more than it had at the beginning: a program may be making it longer all the time."""
        try:
            file = open_to_read(entry.place)
        except OSError:
            self.note(entry.parts, _("cannot be read"))
            return
        try:
            left = entry.status.st_size
            info = Named(name, entry.status)
            with archive.open(info, "w", force_zip64=left >= zipfile.ZIP64_LIMIT // 2) as packed:
                while left > 0 and (data := self.read(file, min(PIECE_BYTES, left), entry)):
                    left -= len(data)
                    packed.write(data)
                    self.sink.read_bytes += len(data)
                    if self.sink.is_full:
                        yield self.sink.take()
        finally:
            os.close(file)
        if left:
            self.note(entry.parts, _("became shorter while it was read, so it may not be whole"))

    def read(self, file: int, count: int, entry: Entry) -> bytes:
        try:
            return os.read(file, count)
        except OSError:
            return b""

    def note(self, parts: Parts, why: str) -> None:
        if len(self.notes) < NOTES_MAX:
            self.notes.append(f"{'/'.join(map(shown, parts))}: {why}")

    def note_text(self) -> str:
        return "\n".join([_("Not everything is in this zip:"), "", *self.notes, ""])


def check(home: int, paths: list[Parts]) -> None:
    """Before anything is sent. Raises TooLarge, and NotThere where none of the paths is there."""
    size_bytes = entries = found = 0
    for parts in paths:
        try:
            for entry in walk(home, parts):
                entries += 1
                size_bytes += entry.status.st_size if entry.is_file else 0
                if entries > ENTRIES_MAX:
                    raise TooLarge(
                        _("These are more than %(count)d files. Choose fewer, and download them in several zips.")
                        % {"count": ENTRIES_MAX}
                    )
            found += 1
        except OSError:
            continue
    if not found:
        raise NotThere
    if size_bytes > settings.IVLE_ZIP_MAX_MB * MIB:
        raise TooLarge(
            _("This is %(size)d MB, and a zip can have %(most)d MB. Choose less, and download it in several zips.")
            % {"size": -(-size_bytes // MIB), "most": settings.IVLE_ZIP_MAX_MB}
        )


class Archive:
    """For a StreamingHttpResponse. Takes over the descriptor of the home."""

    def __init__(self, home: int, paths: list[Parts]) -> None:
        self.home = home
        self.pieces = Packing(home, paths).pieces()
        self.is_closed = False
        self.lock = threading.Lock()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (data := await asyncio.to_thread(self.next_piece)) is not None:
            yield data

    def next_piece(self) -> bytes | None:
        """None at the end."""
        with self.lock:
            return None if self.is_closed else next(self.pieces, None)

    def close(self) -> None:
        """Django calls it when the answer is over, however; a thread may still be at a piece then."""
        with self.lock:
            if not self.is_closed:
                self.is_closed = True
                self.pieces.close()
                os.close(self.home)


def date_of(status: os.stat_result) -> tuple[int, int, int, int, int, int]:
    moment = time.localtime(min(max(status.st_mtime, 0), 1 << 33))
    first, last = YEARS
    if moment.tm_year < first:
        return first, 1, 1, 0, 0, 0
    return min(moment.tm_year, last), *moment[1:6]

"""A zip that was uploaded, unpacked into a folder. It may have been made to do harm; docs/decisions/0055-uploads.md.

What makes the whole archive doubtful refuses it before anything is written. What is wrong with one thing in it leaves
that out, with a sentence; the rest is unpacked.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from struct import error as StructError  # noqa: N812
from typing import IO, Final

from django.utils.translation import gettext as _

from files import opener, words
from files.batch import Failed
from files.faults import Conflict, FileFault, Incomplete, NoRoom, Taken
from files.folders import make_folder
from files.lookup import NotThere
from files.paths import BadPath, check
from files.writing import ABSENT, Absent, Room

Parts = tuple[bytes, ...]
# Saves a file of that size, which may have to be Absent. Raises what files.writing.save raises.
Put = Callable[[Parts, Iterator[bytes], int, Absent | None], object]
ENTRIES_MAX: Final = 10_000
DIRECTORY_MAX_BYTES: Final = 4 * 1024 * 1024  # of the table of contents, which is read into memory
RATIO_MAX: Final = 200  # of all sizes together to the size of the zip
RATIO_FROM_BYTES: Final = 10 * 1024 * 1024
DEPTH_MAX: Final = 50
PATH_MAX_BYTES: Final = 3000  # the kernel takes 4,095
FAILED_MAX: Final = 200  # that are told one by one
CHUNK_BYTES: Final = 256 * 1024
LOCAL_HEADER_BYTES: Final = 30
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED: Final = 0x1
UTF8: Final = 0x800
DOS: Final = 0
DRIVE: Final = re.compile(rb"[A-Za-z]:[/\\]")
DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    StructError,
    ValueError,
    OverflowError,
)


class BadArchive(FileFault):
    """Nothing of it was unpacked."""

    status = 400


@dataclass
class Unpacked:
    """`parts`: the folder where it is now."""

    parts: Parts
    files: int = 0
    failed: list[Failed] = field(default_factory=list)
    more_failed: int = 0

    def fail(self, parts: Parts, sentence: str) -> None:
        if len(self.failed) < FAILED_MAX:
            self.failed.append(Failed(parts, sentence))
        else:
            self.more_failed += 1


class Bounded:
    """The file of a zip for zipfile, which would read a table of contents of any size."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.seek = file.seek
        self.tell = file.tell
        self.close = file.close

    def seekable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        data = self.file.read(DIRECTORY_MAX_BYTES + 1 if count < 0 else min(count, DIRECTORY_MAX_BYTES + 1))
        if len(data) > DIRECTORY_MAX_BYTES:
            raise BadArchive(too_many())
        return data


def unpack(file: IO[bytes], home: int, folder: Parts, name: bytes, room: Room, put: Put, *, replace: bool) -> Unpacked:
    """Into the folder; an archive of several things gets a folder of its own there, by its name.

    Raises BadArchive, NoRoom, NotThere, Taken; then nothing was unpacked.
    """
    if not is_folder(home, folder):
        raise NotThere
    try:
        with zipfile.ZipFile(Bounded(file)) as archive:
            entries = archive.infolist()
            check_whole(archive, file)
            size_bytes = sum(info.file_size for info in entries)
            room(size_bytes)
            room(-size_bytes)
            task = Unpacking(archive, home, room, put, replace)
            return task.run(entries, folder, name)
    except DAMAGED as error:
        raise BadArchive(_("This is not a zip, or it is damaged. Nothing was unpacked.")) from error


def check_whole(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Raises BadArchive for what cannot have been packed by somebody who means well."""
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        raise BadArchive(too_many())
    size_bytes = sum(info.file_size for info in entries)
    packed_bytes = os.fstat(file.fileno()).st_size
    if size_bytes > RATIO_FROM_BYTES and size_bytes > RATIO_MAX * packed_bytes:
        raise BadArchive(
            _("Unpacked this zip would be more than %(ratio)d times as large, so it was not unpacked.")
            % {"ratio": RATIO_MAX}
        )
    end = 0
    for info in sorted(entries, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise BadArchive(_("In this zip several files share the same bytes, so it was not unpacked."))
        end = end_of(info, file)
    if end > archive.start_dir:
        raise BadArchive(_("In this zip several files share the same bytes, so it was not unpacked."))


def end_of(info: zipfile.ZipInfo, file: IO[bytes]) -> int:
    """Where its data ends, by its own header, whose names may be longer than the table of contents says."""
    file.seek(info.header_offset)
    header = file.read(LOCAL_HEADER_BYTES)
    if len(header) < LOCAL_HEADER_BYTES:
        raise zipfile.BadZipFile
    more_bytes = sum(int.from_bytes(header[start : start + 2], "little") for start in (26, 28))
    return info.header_offset + LOCAL_HEADER_BYTES + more_bytes + info.compress_size


@dataclass
class Unpacking:
    archive: zipfile.ZipFile
    home: int
    room: Room
    put: Put
    replace: bool
    seen: set[Parts] = field(default_factory=set)
    folders: set[Parts] = field(default_factory=set)

    def run(self, entries: list[zipfile.ZipInfo], folder: Parts, name: bytes) -> Unpacked:
        doubtful: list[tuple[zipfile.ZipInfo, str]] = []
        good: list[tuple[zipfile.ZipInfo, Parts]] = []
        for info in entries:
            try:
                parts = parts_of(info)
                if parts and parts[0] != b"__MACOSX":  # what a Mac adds for itself
                    good.append((info, parts))
            except Doubtful as doubt:
                doubtful.append((info, str(doubt)))
        where, top = place_for([(parts, info.is_dir()) for info, parts in good], folder, name)
        done = Unpacked(where)
        for info, sentence in doubtful:
            done.fail((raw_name(info),), sentence)
        self.make_folders(where)
        for count, (info, parts) in enumerate(good):
            try:
                self.unpack_one(info, (*top, *parts), done)
            except NoRoom as fault:
                for _info, left in good[count:]:
                    done.fail((*top, *left), str(fault))
                break
        return done

    def unpack_one(self, info: zipfile.ZipInfo, parts: Parts, done: Unpacked) -> None:
        """Raises NoRoom."""
        try:
            if info.is_dir():
                self.make_folders(parts)
            elif parts in self.seen:
                done.fail(parts, _("This name is in the zip more than once. The first was unpacked."))
            else:
                self.seen.add(parts)
                self.save(info, parts)
                done.files += 1
        except NoRoom:
            raise
        except Conflict:
            done.fail(parts, words.taken(parts[-1]))
        except NotThere:
            done.fail(parts, _("The folder for it has been deleted meanwhile."))
        except (*DAMAGED, Incomplete):
            done.fail(parts, _("This is damaged in the zip."))
        except FileFault as fault:
            done.fail(parts, str(fault))

    def save(self, info: zipfile.ZipInfo, parts: Parts) -> None:
        self.make_folders(parts[:-1])
        try:
            self.put(parts, self.chunks(info), info.file_size, None if self.replace else ABSENT)
        except Conflict:
            if not is_same(self.home, parts, info.file_size, info.CRC):  # as where it was unpacked before, in part
                raise

    def chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with self.archive.open(info) as packed:
            while data := packed.read(CHUNK_BYTES):
                yield data

    def make_folders(self, parts: Parts) -> None:
        """All on the way. Raises Taken where something else is in the way, and what make_folder raises."""
        for count in range(1, len(parts) + 1):
            way = parts[:count]
            if way not in self.folders and not is_folder(self.home, way):
                try:
                    make_folder(self.home, way, self.room)
                except Taken:
                    raise Taken(words.no_folder(way[-1])) from None
            self.folders.add(way)


class Doubtful(Exception):
    """Why one thing in a zip is left out."""


def parts_of(info: zipfile.ZipInfo) -> Parts:
    """Where it wants to be. Raises Doubtful."""
    raw = raw_name(info)
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system != DOS else 0
    if kind == stat.S_IFLNK:
        raise Doubtful(_("This is a link, and links are not unpacked."))
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Doubtful(_("This is neither a file nor a folder."))
    if info.flag_bits & ENCRYPTED:
        raise Doubtful(_("This is encrypted. Unpack it on your own machine, where you can type the password."))
    if info.compress_type not in METHODS:
        raise Doubtful(_("This is packed in a way that ivle does not know. Pack it as an ordinary zip."))
    if DRIVE.match(raw):
        raise Doubtful(_("Its name is not that of a place in a folder."))
    names = [name for name in raw.removesuffix(b"/").split(b"/") if name != b"."]
    if len(names) > DEPTH_MAX or len(raw) > PATH_MAX_BYTES:
        raise Doubtful(_("It lies too deep: at most %(count)d folders in each other.") % {"count": DEPTH_MAX})
    try:
        return check(names)
    except BadPath:
        raise Doubtful(_("Its name is not that of a place in a folder.")) from None


def raw_name(info: zipfile.ZipInfo) -> bytes:
    """UTF-8 where it says so; from DOS and Windows the old letters of the PC; from Unix the bytes that they are."""
    if info.flag_bits & UTF8 or info.create_system == DOS:
        return info.orig_filename.encode("utf-8", "replace")
    return info.orig_filename.encode("cp437", "replace")


def place_for(entries: list[tuple[Parts, bool]], folder: Parts, name: bytes) -> tuple[Parts, Parts]:
    """Where people find it, and what the paths in the archive begin at: the one folder that everything in it lies in,
    or else a folder by the archive's name."""
    tops = {parts[0] for parts, _ in entries}
    if len(tops) == 1 and all(len(parts) > 1 or is_folder for parts, is_folder in entries):
        return (*folder, tops.pop()), folder
    stem = name[:-4] if name.lower().endswith(b".zip") else name
    place = (*folder, stem or name)
    return place, place


def is_folder(home: int, parts: Parts) -> bool:
    try:
        place = opener.open_below(home, parts)
    except OSError:
        return False
    try:
        return stat.S_ISDIR(os.fstat(place).st_mode)
    finally:
        os.close(place)


def is_same(home: int, parts: Parts, size_bytes: int, checksum: int) -> bool:
    """Is that what is in the file already? The checksum is the one that zips have (CRC-32)."""
    try:
        place = opener.open_below(home, parts)
        try:
            with open(opener.open_to_read(place), "rb") as file:
                return os.fstat(place).st_size == size_bytes and checksum_of(file) == checksum
        finally:
            os.close(place)
    except OSError:
        return False


def checksum_of(file: IO[bytes]) -> int:
    checksum = 0
    while data := file.read(CHUNK_BYTES):
        checksum = zlib.crc32(data, checksum)
    return checksum


def too_many() -> str:
    return _("There are more than %(count)d things in this zip, so it was not unpacked.") % {"count": ENTRIES_MAX}

"""How much each home holds, as it was counted last: one record for each, which all processes of this machine share.

For quota.py. A record is a small file below IVLE_DATA/run; who reads and then writes one holds it meanwhile.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from django.conf import settings

RECORD: Final = struct.Struct("<16sqqddL")  # which start of the machine, the fields of a Count, and a checksum
CHECKED_BYTES: Final = RECORD.size - 4


@dataclass(frozen=True)
class Count:
    used_bytes: int
    entries: int
    counted: float  # on time.monotonic(), which is one clock for all processes, from each start of the machine on
    holds_seconds: float

    def is_good(self, now: float) -> bool:
        return self.counted <= now < self.counted + self.holds_seconds

    def to_bytes(self) -> bytes:
        fields = RECORD.pack(this_start(), self.used_bytes, self.entries, self.counted, self.holds_seconds, 0)
        return fields[:CHECKED_BYTES] + struct.pack("<L", zlib.crc32(fields[:CHECKED_BYTES]))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """None for what is no record, a half one, or one of before the machine was started."""
        if len(data) != RECORD.size:
            return None
        start, used_bytes, entries, counted, holds_seconds, checksum = RECORD.unpack(data)
        if start != this_start() or checksum != zlib.crc32(data[:CHECKED_BYTES]):
            return None
        return cls(used_bytes, entries, counted, holds_seconds)


class Record:
    """Held: nobody else reads it to write it."""

    def __init__(self, file: int) -> None:
        self.file = file

    def read(self) -> Count | None:
        return Count.from_bytes(os.pread(self.file, RECORD.size + 1, 0))

    def write(self, count: Count) -> None:
        """On a full disk nothing is recorded, so that whoever asks next counts; deleting goes on."""
        try:
            os.pwrite(self.file, count.to_bytes(), 0)
        except OSError:
            self.forget()

    def forget(self) -> None:
        os.ftruncate(self.file, 0)


@contextmanager
def hold(owner: str) -> Iterator[Record]:
    """For a moment alone."""
    file = opened(owner, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Record(file)
    finally:
        os.close(file)


def latest(owner: str) -> Count | None:
    """Without waiting for anybody."""
    try:
        file = opened(owner, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return Record(file).read()
    finally:
        os.close(file)


def opened(owner: str, flags: int) -> int:
    place: Path = settings.IVLE_DATA / "run" / "counts" / owner
    try:
        return os.open(place, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(place, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


@functools.cache
def this_start() -> bytes:
    """Of the machine: 16 bytes."""
    return hashlib.blake2b(Path("/proc/sys/kernel/random/boot_id").read_bytes(), digest_size=16).digest()

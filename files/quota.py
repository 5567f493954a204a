"""How much of the disk a person takes, and whether there is room for more. Asked before anything is written.

What programs write is counted as well, but only afterwards: whoever is above the quota by that can write nothing here
until something is deleted, which always works. Their next program can write nothing either: docs/decisions/0075.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings

from files import counts, tree, words
from files.counts import Count
from files.faults import NoRoom

MIB: Final = 1024 * 1024
ENTRIES_MAX: Final = 200_000  # files and folders of one person
COUNT_HOLDS_SECONDS: Final = 5.0
COUNTING_SHARE: Final = 0.05  # of the time that a large home may be counted
SMALL_BYTES: Final = 64 * 1024  # which a file of a full folder may have: no shell begins without any


@dataclass(frozen=True)
class Usage:
    used_bytes: int
    limit_bytes: int


@dataclass(frozen=True)
class Bounds:
    """How long a program may make a file, and what it is told of that; None and nothing: as long as any program."""

    file_bytes: int | None = None
    notice: str = ""


_counting: set[str] = set()  # whose files are being counted for their next program
_counters = ThreadPoolExecutor(1, "quota")


def used(owner: str) -> Usage:
    """With what lies in the trash. A few seconds old at most where the home is small."""
    return Usage(count_of(owner).used_bytes, settings.IVLE_QUOTA_MB * MIB)


def bounds_of_program(owner: str, file_bytes: int) -> Bounds:
    """Of a program that starts now and may make files of that length, by the last count, if anybody has counted.

    It never waits: no run is kept waiting for a walk through all files. Where the count is old, one begins.
    """
    count = counts.latest(owner)
    if (count is None or not count.is_good(time.monotonic())) and owner not in _counting:
        _counting.add(owner)
        _counters.submit(count_again, owner)
    if count is None:
        return Bounds()
    limit_bytes = settings.IVLE_QUOTA_MB * MIB
    room_bytes = 0 if count.entries >= ENTRIES_MAX else max(limit_bytes - count.used_bytes, 0)
    if room_bytes >= file_bytes:
        return Bounds()
    return Bounds(max(room_bytes, SMALL_BYTES), words.room_of_program(room_bytes, limit_bytes) + "\n")


def count_again(owner: str) -> None:
    try:
        count_of(owner)
    finally:
        _counting.discard(owner)


def room_for(owner: str) -> Callable[[int], None]:
    """A function that is told how many bytes more are going to be taken, or fewer, and keeps count.

    It raises NoRoom where they are not to be had, and then has counted nothing. Fewer, and none, are always taken.
    """

    def room(more_bytes: int) -> None:
        known = count_of(owner)
        free = free_bytes()
        with counts.hold(owner) as record:  # also around the check, or many at once would each take the same room
            count = record.read() or known
            if more_bytes > 0:
                check(count, more_bytes, free)
            record.write(replace(count, used_bytes=max(count.used_bytes + more_bytes, 0)))

    return room


def check(count: Count, more_bytes: int, free: int) -> None:
    """Raises NoRoom."""
    if count.entries >= ENTRIES_MAX:
        raise NoRoom(words.too_many_files(ENTRIES_MAX))
    limit_bytes = settings.IVLE_QUOTA_MB * MIB
    if count.used_bytes + more_bytes > limit_bytes:
        raise NoRoom(why_full(more_bytes, limit_bytes - count.used_bytes, limit_bytes))
    if free - more_bytes < settings.IVLE_DISK_RESERVE_MB * MIB:
        raise NoRoom(words.reserve_reached())


def why_full(more_bytes: int, left_bytes: int, limit_bytes: int) -> str:
    if more_bytes > limit_bytes:
        return words.beyond_quota(more_bytes, limit_bytes)
    if left_bytes < tree.FOLDER_BYTES:  # not even a folder fits
        return words.quota_full(limit_bytes)
    return words.quota_reached(more_bytes, left_bytes, limit_bytes)


def free_bytes() -> int:
    disk = os.statvfs(settings.IVLE_HOMES)
    return disk.f_bavail * disk.f_frsize


def forget(owner: str) -> None:
    """The next who asks gets a fresh count."""
    with counts.hold(owner) as record:
        record.forget()


def count_of(owner: str) -> Count:
    now = time.monotonic()
    count = counts.latest(owner)
    if count is not None and count.is_good(now):
        return count
    fresh = count_afresh(owner, now)
    with counts.hold(owner) as record:
        theirs = record.read()
        if theirs is not None and (count is None or theirs.counted > count.counted):
            return theirs  # of who counted at the same time: all take from one count
        record.write(fresh)
    return fresh


def count_afresh(owner: str, now: float) -> Count:
    data = settings.IVLE_HOMES.parent
    amounts = [amount_of(folder) for folder in (settings.IVLE_HOMES / owner, data / "trash" / owner)]
    took = time.monotonic() - now
    return Count(
        used_bytes=sum(amount.size_bytes for amount in amounts),
        entries=sum(amount.entries for amount in amounts),
        counted=now,
        holds_seconds=took + max(COUNT_HOLDS_SECONDS, took / COUNTING_SHARE),
    )


def amount_of(folder: Path) -> tree.Amount:
    try:
        opened = os.open(folder, tree.TO_LIST)
    except OSError:
        return tree.Amount()
    try:
        return tree.measure(opened, b".", ENTRIES_MAX)
    finally:
        os.close(opened)

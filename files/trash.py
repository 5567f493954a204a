"""The trash: what was deleted lies in data/trash/<owner>/<bin>/ for 30 days, with notes of where it was. For api.py.

One deletion makes one bin; in it, what was deleted is called 0, 1 and so on, and its note 0.json. A bin's id begins
with the time, so nobody has to read anything to know when it is due.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from files import tree, words
from files.batch import Batch, each
from files.faults import FULL, NoRoom, Refused, in_words
from files.folders import Parts, make, settle
from files.lookup import NotThere
from files.paths import as_text, from_text
from files.spot import Spot, hold, open_folder
from files.tree import TO_LIST, Budget, Spent

KEPT_SECONDS: Final = 30 * 24 * 3600
SHOWN_MAX: Final = 1000
MEASURED_ENTRIES: Final = 20_000
EXPIRED_AT_ONCE: Final = 2_000  # entries removed by somebody who only wants to look
BIN: Final = re.compile(r"[0-9a-f]{30}")  # 14 of the time in microseconds, 16 at random
ITEM: Final = re.compile(r"([0-9a-f]{30})(?:-([0-9]{1,6}))?")
BROUGHT_UP: Final = ".ivle-"  # how tree.py calls what it brings up
EVERYTHING: Final = 5_000_000  # entries; no home comes near


@dataclass(frozen=True)
class Discarded:
    """One thing in the trash. `parts` is where it was."""

    id: str
    parts: Parts
    deleted_seconds: float
    size_bytes: int


def stamp() -> str:
    """What ids of bins begin with that are made now: in their order they are in the order of time."""
    return f"{time.time_ns() // 1000:014x}"


def delete(owner: str, home: int, paths: Sequence[Parts]) -> tuple[str, Batch]:
    """Each in one step; what fails stays where it is. First the id of the bin, which undoes it.

    A disk that is too full for notes stops nothing: then it is deleted for good, and where all is, the id is empty.
    """
    bin_id = stamp() + secrets.token_hex(8)
    bin_folder = new_bin(owner, bin_id)
    kept = 0

    def act(parts: Parts) -> Parts:
        nonlocal kept
        kept += discard(home, parts, bin_folder, kept)
        return parts

    try:
        batch = each(paths, act)
    finally:
        if bin_folder is not None:
            os.close(bin_folder)
    if not kept:
        tidy(owner, bin_id)
    return bin_id if kept else "", batch


def new_bin(owner: str, bin_id: str) -> int | None:
    """None where the disk is too full for it."""
    try:
        with open_trash(owner) as trash:
            os.mkdir(bin_id, 0o700, dir_fd=trash)
            return os.open(bin_id, TO_LIST, dir_fd=trash)
    except OSError as error:
        if error.errno in FULL:
            return None
        raise


def discard(home: int, parts: Parts, bin_folder: int | None, number: int) -> bool:
    """True where it lies in the bin now; False where it is gone for good."""
    with hold(home, parts) as spot, in_words(spot.name):
        if spot.status() is None:
            raise NotThere
        if bin_folder is not None:
            try:
                put_in(spot, bin_folder, number)
                return True
            except OSError as error:
                with suppress(OSError):
                    drop_note(bin_folder, number)
                if error.errno == errno.EXDEV:
                    raise NoRoom(words.trash_elsewhere()) from error
                if error.errno not in FULL:
                    raise
        remove_all(spot.folder, spot.name)
        return False


def put_in(spot: Spot, bin_folder: int, number: int) -> None:
    amount = tree.measure(spot.folder, spot.name, MEASURED_ENTRIES)
    write_note(bin_folder, number, {"path": as_text(spot.parts), "size_bytes": amount.size_bytes})
    try:
        os.rename(spot.name, str(number), src_dir_fd=spot.folder, dst_dir_fd=bin_folder)
    except PermissionError:
        # A folder can only leave its folder when it may itself be changed.
        os.close(tree.open_to_empty(spot.folder, spot.name))
        os.rename(spot.name, str(number), src_dir_fd=spot.folder, dst_dir_fd=bin_folder)


def restore(owner: str, home: int, item_id: str) -> Batch:
    """Where it was, or beside that under a new name. A bin's id means all in it. Raises NotThere."""
    with open_bin(owner, item_id) as (bin_folder, notes):

        def act(parts: Parts) -> Parts:
            number = numbers.pop(0)
            found = put_back(home, parts, bin_folder, str(number).encode())
            drop_note(bin_folder, number)
            return found

        numbers = list(notes)
        batch = each([from_text(note["path"]) for note in notes.values()], act)
    tidy(owner, item_id)
    return batch


def put_back(home: int, parts: Parts, bin_folder: int, name: bytes) -> Parts:
    with in_words(parts[-1]):
        status = os.stat(name, dir_fd=bin_folder, follow_symlinks=False)
        target = open_or_make(home, parts[:-1])
        try:
            found = settle(bin_folder, name, target, parts[-1], is_folder=stat.S_ISDIR(status.st_mode))
        finally:
            os.close(target)
    return (*parts[:-1], found)


def open_or_make(home: int, parts: Parts) -> int:
    """The folder that something was in; what is gone of the path is made anew. Raises NotThere, OSError."""
    for count in range(1, len(parts) + 1):
        with hold(home, parts[:count]) as spot:
            if spot.status() is None:
                make(spot.folder, spot.name, home)
    return open_folder(home, parts)


def discarded(owner: str) -> list[Discarded]:
    """What is in the trash, the latest first."""
    found: list[Discarded] = []
    with open_trash(owner) as trash:
        for bin_id in sorted(bins(trash), reverse=True)[:SHOWN_MAX]:
            if len(found) >= SHOWN_MAX:
                break
            with suppress(NotThere), open_bin(owner, bin_id) as (_, notes):
                for number, note in notes.items():
                    size, seconds = int(note["size_bytes"]), deleted_seconds(bin_id)
                    found.append(Discarded(f"{bin_id}-{number}", from_text(note["path"]), seconds, size))
    return found[:SHOWN_MAX]


def destroy(owner: str, item_id: str) -> None:
    """For good. Raises NotThere, Refused."""
    with open_bin(owner, item_id) as (bin_folder, notes):
        for number in notes:
            remove_all(bin_folder, str(number).encode())
            drop_note(bin_folder, number)
    tidy(owner, item_id)


def remove_all(folder: int, name: bytes) -> None:
    """Raises Refused where it does not come to an end: a program may be writing all the time."""
    try:
        with in_words(name):
            tree.remove(folder, name, Budget(EVERYTHING))
    except Spent:
        raise Refused(words.still_growing(name)) from None


def empty(owner: str, *, older_than_seconds: float = 0, entries_at_once: int = EVERYTHING) -> None:
    """For good. Stops after so many entries; the next call goes on."""
    budget = Budget(entries_at_once)
    due = time.time() - older_than_seconds
    with open_trash(owner) as trash, suppress(Spent):
        for name in os.listdir(trash):
            if name.startswith(BROUGHT_UP):  # out of a bin that is gone, by one who did not come to the end
                tree.remove(trash, name.encode(), budget)
        for bin_id in sorted(bins(trash)):
            if deleted_seconds(bin_id) > due:
                break
            tree.remove(trash, bin_id.encode(), budget)


def expire(owner: str) -> None:
    """Called by whoever lists or deletes."""
    empty(owner, older_than_seconds=KEPT_SECONDS, entries_at_once=EXPIRED_AT_ONCE)


@contextmanager
def open_trash(owner: str) -> Iterator[int]:
    folder = trash_of(owner)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(folder, TO_LIST)
    try:
        yield opened
    finally:
        os.close(opened)


@contextmanager
def open_bin(owner: str, item_id: str) -> Iterator[tuple[int, dict[int, dict[str, Any]]]]:
    """The bin, and the notes on what the id means, by their numbers. Raises NotThere."""
    match = ITEM.fullmatch(item_id)
    if match is None:
        raise NotThere
    with open_trash(owner) as trash:
        try:
            bin_folder = os.open(match[1], TO_LIST, dir_fd=trash)
        except FileNotFoundError:
            raise NotThere from None
    try:
        there = sorted(int(name) for name in os.listdir(bin_folder) if name.isdecimal())
        wanted = [number for number in there if match[2] in (None, str(number))]
        notes = {number: note for number in wanted if (note := read_note(bin_folder, number))}
        if not notes:
            raise NotThere
        yield bin_folder, notes
    finally:
        os.close(bin_folder)


def tidy(owner: str, item_id: str) -> None:
    """Removes the bin when nothing is in it any more."""
    with open_trash(owner) as trash, suppress(OSError):
        os.rmdir(item_id.partition("-")[0], dir_fd=trash)


def bins(trash: int) -> list[str]:
    return [name for name in os.listdir(trash) if BIN.fullmatch(name)]


def deleted_seconds(bin_id: str) -> float:
    return int(bin_id[:14], 16) / 1e6


def trash_of(owner: str) -> Path:
    return settings.IVLE_HOMES.parent / "trash" / owner


def write_note(bin_folder: int, number: int, note: dict[str, Any]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with open(os.open(f"{number}.json", flags, 0o600, dir_fd=bin_folder), "w") as file:
        json.dump(note, file)


def read_note(bin_folder: int, number: int) -> dict[str, Any] | None:
    """None where there is none: the web server may have died while it emptied this bin."""
    try:
        with open(os.open(f"{number}.json", os.O_RDONLY | os.O_CLOEXEC, dir_fd=bin_folder)) as file:
            return dict(json.load(file))
    except (FileNotFoundError, ValueError):
        return None


def drop_note(bin_folder: int, number: int) -> None:
    with suppress(OSError):
        os.unlink(f"{number}.json", dir_fd=bin_folder)

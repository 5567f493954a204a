"""Versions on the disk: each content once, named by its hash, and a list of versions for each file. For versions.py.

    data/versions/<owner>/held             how many bytes the rest takes; who writes holds a lock on it
                          contents/ab/...  zlib, named by the SHA-256 of what is in it
                          lists/<hash>     a line of JSON with the path, then one for each version, oldest first

A content is whole before a list names it, and goes only after no list does. So at whatever moment a writer dies, every
version that is listed can be read; at worst something is left that nobody names, until the store is thinned.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

CONTENT_MAX_BYTES: Final = 10 * 1024 * 1024
BLOCK_BYTES: Final = 4096  # as whose multiple each file of the store counts
VERSIONS_MAX: Final = 1000  # of one file; a tenth more before they are looked through
TAIL_BYTES: Final = 1024  # of a list, in which its last line is
COMPRESSION: Final = 3
FULL_AGAIN: Final = 0.9  # thinning goes on to this share, so that it is not needed again at once
ID: Final = re.compile(r"([0-9a-f]{32})-([0-9]{1,15})", re.ASCII)


class NotKept(Exception):
    """There is no such version, or no longer."""


@dataclass(frozen=True)
class Version:
    number: int
    digest: str
    size_bytes: int
    saved_ms: int  # since 1970
    why: str
    modified_ns: int  # of the file it was read from


@dataclass(frozen=True)
class History:
    """The versions of the file at `path` (files.paths.as_text), oldest first."""

    path: str
    versions: tuple[Version, ...] = ()

    @property
    def name(self) -> str:
        return hashlib.blake2b(self.path.encode(), digest_size=16).hexdigest()

    @property
    def newest(self) -> Version | None:
        return self.versions[-1] if self.versions else None

    def id_of(self, version: Version) -> str:
        return f"{self.name}-{version.number}"


class Candidate(NamedTuple):
    """A version that may go; the smallest goes first."""

    is_last: bool  # of a file that is no longer there
    saved_ms: int
    path: str
    number: int


class Store:
    """One owner's. What changes it is called inside writing()."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents = folder / "contents"
        self.lists = folder / "lists"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, on all machines that share the folder."""
        for folder in (self.contents, self.lists):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.held = os.open(self.folder / "held", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(self.held)

    def held_bytes(self) -> int:
        try:
            return int(os.pread(self.held, 32, 0))
        except ValueError:
            return self.note_held(self.count())

    def note_held(self, count: int) -> int:
        os.pwrite(self.held, b"%-20d\n" % count, 0)
        return count

    def count(self) -> int:
        return sum(blocks(entry.stat().st_size) for entry in self.files())

    def files(self) -> Iterator[Path]:
        for folder in (self.lists, *self.contents.iterdir()):
            yield from folder.iterdir()

    # --- contents ------------------------------------------------------------------------------------------------

    def place(self, digest: str) -> Path:
        return self.contents / digest[:2] / digest[2:]

    def put(self, digest: str, packed: bytes) -> None:
        place = self.place(digest)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(place, packed)

    def read(self, digest: str) -> bytes:
        """Raises NotKept, also for what the disk gave back wrong."""
        try:
            content = zlib.decompressobj().decompress(self.place(digest).read_bytes(), CONTENT_MAX_BYTES)
        except (OSError, zlib.error) as error:
            raise NotKept from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotKept
        return content

    # --- lists ---------------------------------------------------------------------------------------------------

    def history(self, path: str) -> History:
        return self.read_list(History(path).name) or History(path)

    def find(self, version_id: str) -> tuple[History, Version]:
        """Raises NotKept."""
        match = ID.fullmatch(version_id)
        history = self.read_list(match[1]) if match else None
        for version in history.versions if history else ():
            if match and history and version.number == int(match[2]):
                return history, version
        raise NotKept

    def histories(self) -> Iterator[History]:
        if self.lists.is_dir():
            for entry in self.lists.iterdir():
                if history := self.read_list(entry.name):
                    yield history

    def read_list(self, name: str) -> History | None:
        """Lines that a dying writer left incomplete are passed over."""
        try:
            first, *lines = (self.lists / name).read_bytes().split(b"\n")
            path = json.loads(first)["path"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        history = History(path, tuple(version for line in lines if (version := read_line(line))))
        return history if history.name == name else None

    def newest(self, path: str) -> Version | None:
        """Without reading the rest of the list, which every save would have to wait for."""
        try:
            with (self.lists / History(path).name).open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return None
        last = next((version for line in reversed(lines) if (version := read_line(line))), None)
        return last or self.history(path).newest

    def add(self, path: str, version: Version) -> Version:
        """Under the next number. Its content must be there."""
        newest = self.newest(path)
        version = replace(version, number=newest.number + 1 if newest else 1)
        if newest is None:
            self.write_list(History(path, (version,)))
            return version
        with (self.lists / History(path).name).open("ab+") as file:
            file.write(b"\n" + as_line(vars(version)))  # a line begins on its own, whatever was left before it
            file.seek(0)
            is_long = file.read().count(b"\n") > VERSIONS_MAX + VERSIONS_MAX // 10
        if is_long:
            self.write_list(History(path, self.history(path).versions[-VERSIONS_MAX:]))
        return version

    def write_list(self, history: History) -> None:
        lines = [{"path": history.path}, *map(vars, history.versions)]
        write_whole(self.lists / history.name, b"\n".join(map(as_line, lines)))

    def forget_list(self, history: History) -> None:
        (self.lists / history.name).unlink(missing_ok=True)

    # --- room ----------------------------------------------------------------------------------------------------

    def make_room(self, more_bytes: int, most_bytes: int, is_there: Callable[[str], bool]) -> bool:
        """False where so much does not fit. The oldest go first, the newest of a file that is there never."""
        if self.held_bytes() + more_bytes > most_bytes:
            self.thin(int(most_bytes * FULL_AGAIN) - more_bytes, is_there)
        held = self.held_bytes()
        if held + more_bytes > most_bytes:
            return False
        # Noted before it is written: a writer that dies leaves too high a number, not too low a one.
        self.note_held(held + more_bytes)
        return True

    def thin(self, most_bytes: int, is_there: Callable[[str], bool]) -> None:
        histories = {history.path: history for history in self.histories()}
        named = Counter(version.digest for history in histories.values() for version in history.versions)
        sizes = {digest: self.size(digest) for digest in named}
        held = sum(sizes.values()) + sum(blocks(file.stat().st_size) for file in self.lists.iterdir())
        for candidate in sorted(candidates(histories.values(), is_there)):
            if held <= most_bytes:
                break
            history = histories[candidate.path]
            [gone] = [version for version in history.versions if version.number == candidate.number]
            kept = tuple(version for version in history.versions if version is not gone)
            histories[candidate.path] = replace(history, versions=kept)
            named[gone.digest] -= 1
            held -= (0 if named[gone.digest] else sizes[gone.digest]) + (0 if kept else BLOCK_BYTES)
        self.rewrite(histories.values())
        self.sweep({history.name for history in histories.values()}, {digest for digest in named if named[digest]})
        self.note_held(self.count())

    def sweep(self, lists: set[str], digests: set[str]) -> None:
        """Away with what nobody names: left over by writers that died, or just now thinned."""
        for file in list(self.files()):
            known = file.name in lists if file.parent == self.lists else file.parent.name + file.name in digests
            if not known:
                file.unlink(missing_ok=True)

    def size(self, digest: str) -> int:
        try:
            return blocks(self.place(digest).stat().st_size)
        except FileNotFoundError:
            return 0

    def rewrite(self, histories: Iterable[History]) -> None:
        for history in histories:
            if not history.versions:
                self.forget_list(history)
            elif history != self.read_list(history.name):
                self.write_list(history)


def candidates(histories: Iterable[History], is_there: Callable[[str], bool]) -> Iterator[Candidate]:
    for history in histories:
        for version in history.versions[:-1]:
            yield Candidate(False, version.saved_ms, history.path, version.number)
        if history.newest and not is_there(history.path):
            yield Candidate(True, history.newest.saved_ms, history.path, history.newest.number)


def write_whole(place: Path, data: bytes) -> None:
    """All of it under that name, or nothing, even where the machine loses power."""
    draft = place.with_name(f".{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(place)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def blocks(size_bytes: int) -> int:
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def as_line(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def read_line(line: bytes) -> Version | None:
    try:
        return Version(**json.loads(line))
    except (ValueError, TypeError):
        return None

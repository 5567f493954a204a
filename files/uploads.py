"""Uploads in pieces: begun, continued after whatever went wrong, and finished into a folder. For api_uploads.py.

data/uploads/<owner>/<id>/about    what it is going to be
                          content  what has come; its length is where to go on, also after the web server has died
                          done     what came of it, for whoever did not hear the answer to the last piece
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

from django.conf import settings
from django.utils.translation import gettext as _

from files import quota, words
from files.faults import Conflict, FileFault, Refused, Taken, TooLarge, in_words
from files.homes import hold_home
from files.lookup import NotThere
from files.paths import as_text, from_text
from files.saving import Keeper
from files.spot import hold
from files.unpack import checksum_of, is_same, unpack
from files.version_store import write_whole
from files.writing import ABSENT, Absent

Parts = tuple[bytes, ...]
PIECE_MAX_BYTES: Final = 4 * 1024 * 1024
AT_ONCE_MAX: Final = 16  # of one person
DESERTED_SECONDS: Final = 3600  # after which one makes way for another
OLD_SECONDS: Final = 24 * 3600
SWEEP_SECONDS: Final = 3600
CHUNK_BYTES: Final = 256 * 1024
ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


class WrongOffset(FileFault):
    """Another piece is wanted: the one from `offset` on."""

    def __init__(self, offset: int) -> None:
        super().__init__(_("The next piece of this upload begins elsewhere."))
        self.offset = offset

    def about(self) -> dict[str, Any]:
        return {**super().about(), "offset": self.offset}


@dataclass(frozen=True)
class Wish:
    """What somebody wants to upload; `path` is as files.paths.as_text has it."""

    path: str
    size_bytes: int
    unzip: bool
    replace: bool

    @property
    def parts(self) -> Parts:
        return from_text(self.path)


@dataclass(frozen=True)
class Done:
    """What came of it: the file, or the folder that a zip was unpacked into."""

    path: str
    files: int
    failed: tuple[tuple[str, str], ...] = ()  # path and sentence
    more_failed: int = 0
    version: str | None = None

    @classmethod
    def recall(cls, content: dict[str, Any]) -> Self:
        return cls(**{**content, "failed": tuple((path, sentence) for path, sentence in content["failed"])})


@dataclass(frozen=True)
class Upload:
    id: str
    wish: Wish
    offset: int
    done: Done | None
    touched: float  # when its last piece came, in seconds since 1970


def begin(owner: str, wish: Wish) -> Upload:
    """Raises NotThere, Taken, NoRoom, Refused: what can be known before anything is sent."""
    sweep()
    with hold_home(owner) as home:
        look_ahead(home, wish)
    uploads = folder_of(owner)
    with only_one(uploads):
        under_way = make_way(owner)
        check_room(owner, wish.size_bytes + sum(upload.wish.size_bytes for upload in under_way))
        upload_id = secrets.token_hex(16)
        draft = uploads / f".{upload_id}"
        draft.mkdir(mode=0o700)
        (draft / "content").touch(0o600)
        (draft / "about").write_text(json.dumps(asdict(wish)))
        draft.rename(uploads / upload_id)
    return find(owner, upload_id)


def look_ahead(home: int, wish: Wish) -> None:
    with hold(home, wish.parts) as spot:
        if not wish.unzip and not wish.replace and spot.status() is not None:
            raise Taken(words.taken(spot.name))


def make_way(owner: str) -> list[Upload]:
    """What is under way. Where that is as many as may be, those that nobody continues are removed. Raises Refused."""
    under_way = list_unfinished(owner)
    if len(under_way) >= AT_ONCE_MAX:
        for upload in under_way:
            if upload.touched < time.time() - DESERTED_SECONDS:
                remove(folder_of(owner) / upload.id)
        under_way = list_unfinished(owner)
    if len(under_way) >= AT_ONCE_MAX:
        raise Refused(
            _("You have %(count)d unfinished uploads already. Finish or cancel one of them first.")
            % {"count": len(under_way)}
        )
    return under_way


def list_unfinished(owner: str) -> list[Upload]:
    found = []
    for entry in folder_of(owner).iterdir():
        with suppress(NotThere):
            upload = find(owner, entry.name)
            if upload.done is None:
                found.append(upload)
    return sorted(found, key=lambda upload: upload.touched)


def find(owner: str, upload_id: str) -> Upload:
    """Raises NotThere."""
    if not ID.fullmatch(upload_id):
        raise NotThere
    folder = folder_of(owner) / upload_id
    try:
        wish = Wish(**json.loads((folder / "about").read_text()))
        if done := read_done(folder):
            return Upload(upload_id, wish, wish.size_bytes, done, 0.0)
        status = (folder / "content").stat()
    except (OSError, ValueError, TypeError):
        raise NotThere from None
    return Upload(upload_id, wish, status.st_size, None, status.st_mtime)


def read_done(folder: Path) -> Done | None:
    try:
        return Done.recall(json.loads((folder / "done").read_text()))
    except (OSError, ValueError):
        return None


def add(owner: str, upload_id: str, offset: int, chunks: Iterable[bytes]) -> Upload:
    """A piece. With the last one the upload is finished; where that fails, an empty piece at the end tries again.

    Raises NotThere, WrongOffset, TooLarge, NoRoom, Refused, and what finish raises.
    """
    upload = find(owner, upload_id)
    if upload.done:
        return upload
    with writing(owner, upload_id) as content:
        upload = find(owner, upload_id)
        if upload.done:
            return upload
        if offset != upload.offset:
            raise WrongOffset(upload.offset)
        check_room(owner, upload.wish.size_bytes)
        with in_words():
            write(content, upload, chunks)
        if os.fstat(content).st_size == upload.wish.size_bytes:
            complete(owner, upload)
    return find(owner, upload_id)


def write(content: int, upload: Upload, chunks: Iterable[bytes]) -> None:
    """Raises TooLarge, and OSError; then nothing of the piece is kept."""
    position, most = upload.offset, min(upload.wish.size_bytes, upload.offset + PIECE_MAX_BYTES)
    try:
        for chunk in chunks:
            if position + len(chunk) > most:
                raise TooLarge(_("This piece is longer than announced, or than a piece may be."))
            view = memoryview(chunk)
            while view:
                count = os.pwrite(content, view, position)
                position += count
                view = view[count:]
    except BaseException:
        os.ftruncate(content, upload.offset)
        raise


def complete(owner: str, upload: Upload) -> None:
    """What came of it is written down before what was sent is removed. Raises what finish raises."""
    folder = folder_of(owner) / upload.id
    with (folder / "content").open("rb") as content:
        done = finish(owner, upload.wish, content)
    with in_words():
        write_whole(folder / "done", json.dumps(asdict(done)).encode())
        (folder / "content").unlink()


def finish(owner: str, wish: Wish, content: IO[bytes]) -> Done:
    """Raises Taken, IsFolder, NotThere, NoRoom, Closed, BadArchive."""
    parts = wish.parts
    with hold_home(owner) as home:
        keeper = Keeper(owner, home, "upload")

        def put(parts: Parts, chunks: Iterable[bytes], size_bytes: int, must_be: Absent | None) -> str | None:
            return keeper.save(parts, chunks, size_bytes=size_bytes, must_be=must_be)[1]

        if wish.unzip:
            room = quota.room_for(owner)
            unpacked = unpack(content, home, parts[:-1], parts[-1], room, put, replace=wish.replace)
            failed = tuple((as_text(one.parts), one.sentence) for one in unpacked.failed)
            return Done(as_text(unpacked.parts), unpacked.files, failed, unpacked.more_failed)
        try:
            version = put(parts, chunks_of(content), wish.size_bytes, None if wish.replace else ABSENT)
        except Conflict:
            content.seek(0)
            if not is_same(home, parts, wish.size_bytes, checksum_of(content)):  # as where we died just after saving
                raise Taken(words.taken(parts[-1])) from None
            version = None
        return Done(wish.path, 1, version=version)


def chunks_of(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def cancel(owner: str, upload_id: str) -> None:
    """Also of one that is done, of which nothing but the answer is left. Raises NotThere."""
    find(owner, upload_id)
    remove(folder_of(owner) / upload_id)


def remove(folder: Path) -> None:
    """It is out of sight at once; a piece that is under way writes into nothing."""
    gone = folder.with_name(f".{secrets.token_hex(16)}")
    with suppress(FileNotFoundError):
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def check_room(owner: str, size_bytes: int) -> None:
    """Raises NoRoom."""
    room = quota.room_for(owner)
    room(size_bytes)
    room(-size_bytes)


@contextmanager
def writing(owner: str, upload_id: str) -> Iterator[int]:
    """A descriptor of what has come. One piece at a time: raises Refused where one is under way; NotThere."""
    try:
        content = os.open(folder_of(owner) / upload_id / "content", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotThere from None
    try:
        fcntl.flock(content, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield content
    except BlockingIOError:
        raise Refused(_("A piece of this upload is under way already.")) from None
    finally:
        os.close(content)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Of those who begin an upload in it, so that they count each other."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def folder_of(owner: str) -> Path:
    folder: Path = settings.IVLE_HOMES.parent / "uploads" / owner
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sweep() -> None:
    """Everybody's uploads to which nothing came for a day are removed; looked for once an hour at most."""
    uploads = settings.IVLE_HOMES.parent / "uploads"
    mark = uploads / "swept"
    with suppress(FileNotFoundError):
        if mark.stat().st_mtime > time.time() - SWEEP_SECONDS:
            return
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch(0o600)
    due = time.time() - OLD_SECONDS
    for folder in uploads.glob("*/*"):
        with suppress(OSError):
            if max(path.stat().st_mtime for path in (folder, *folder.iterdir())) < due:
                remove(folder)

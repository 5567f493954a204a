"""What the JSON API of files takes and gives. Paths are as files.paths.as_text has them; names are for eyes.

A path: percent-encoded names with slashes between them, none in front; "" is the home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from ninja import Field, Schema

from files import words
from files.batch import Batch, Failed
from files.faults import BadName
from files.paths import BadPath, as_text, from_text, one_name, shown
from files.trash import Discarded
from files.validators import YEAR_10000_SECONDS
from files.writing import Saved

Parts = tuple[bytes, ...]
PATH_MAX_CHARACTERS: Final = 12_288
PATHS_MAX: Final = 1000
PathText = Annotated[str, Field(max_length=PATH_MAX_CHARACTERS)]
Kind = Literal["file", "folder", "link", "other"]


class Problem(Schema):
    detail: str


class ConflictOut(Problem):
    """Somebody else saved. `etag` is of what is there now; empty where nothing is."""

    etag: str


PROBLEMS: Final[dict[int, Any]] = dict.fromkeys((400, 403, 404, 409, 507), Problem)


class QuotaOut(Schema):
    used_bytes: int
    limit_bytes: int


class EntryOut(Schema):
    """`other` is a pipe, a socket or a device that a program made. `leads_to` is of links: the kind of what is at the
    end, empty where nothing of this home is. `type` is a guess by the name. `published`: everybody can see it."""

    name: str
    path: str
    kind: Kind
    leads_to: Kind | Literal[""]
    size_bytes: int
    modified: datetime
    type: str
    published: bool


class ListOut(Schema):
    """Sorted by name. `more` counts what is in the folder and not shown, where it has very many entries. `public_url`
    is empty where nobody else sees the folder; `other_urls` are the mapped addresses that show it as well."""

    path: str
    name: str
    owner: str
    writable: bool
    published: bool
    public_url: str
    other_urls: list[str]
    quota: QuotaOut
    entries: list[EntryOut]
    more: int


class SavedOut(Schema):
    """`version`: its id; null where this file is not kept, as it is too large or there is no room."""

    path: str
    etag: str
    size_bytes: int
    modified: datetime
    version: str | None = None


class PathIn(Schema):
    path: PathText


class PathsIn(Schema):
    paths: Annotated[list[PathText], Field(min_length=1, max_length=PATHS_MAX)]


class PathOut(Schema):
    path: str


class RenameIn(PathIn):
    """`name`: the new one, percent-encoded."""

    name: str = Field(max_length=1024)


class MoveIn(PathsIn):
    """Into the folder `to`. A copy whose name is taken there gets a number; what would be moved stays where it is."""

    to: PathText
    copy_them: bool = Field(False, alias="copy")


class PublishIn(PathIn):
    published: bool


class PublishOut(Schema):
    published: bool
    public_url: str


class FailedOut(Schema):
    """One of several with which it did not work, and why."""

    path: str
    name: str
    detail: str


class BatchOut(Schema):
    """What was done, as the paths that came of it, and what was not."""

    done: list[str]
    failed: list[FailedOut]


class DeletedOut(BatchOut):
    """`trash` restores all of it; null where the disk was too full for that and it was deleted for good."""

    trash: str | None


class RestoredOut(BatchOut):
    path: str


class DiscardedOut(Schema):
    id: str
    name: str
    path: str
    deleted: datetime
    size_bytes: int


class TrashOut(Schema):
    """`days`: how long things stay."""

    entries: list[DiscardedOut]
    days: int


def new_path(text: str) -> Parts:
    """Of something that is going to be. Raises BadName."""
    try:
        return from_text(text)
    except BadPath:
        raise BadName(words.bad_name()) from None


def new_name(text: str) -> bytes:
    """Raises BadName."""
    try:
        return one_name(text)
    except BadPath:
        raise BadName(words.bad_name()) from None


def each_path(texts: Iterable[str], act: Callable[[list[Parts]], Batch]) -> dict[str, Any]:
    """A BatchOut; a path that nothing can have is one that failed."""
    good, bad = [], []
    for text in texts:
        try:
            good.append(from_text(text))
        except BadPath:
            bad.append({"path": text, "name": text, "detail": words.not_there()})
    batch = act(good)
    return {"done": [as_text(parts) for parts in batch.done], "failed": [*map(failed_out, batch.failed), *bad]}


def saved_out(parts: Parts, saved: Saved, version: str | None) -> dict[str, Any]:
    return {
        "path": as_text(parts),
        "etag": saved.etag,
        "size_bytes": saved.size_bytes,
        "modified": moment(saved.modified_ns / 1e9),
        "version": version,
    }


def failed_out(failed: Failed) -> dict[str, str]:
    return {"path": as_text(failed.parts), "name": name_of(failed.parts), "detail": failed.sentence}


def discarded_out(one: Discarded) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": name_of(one.parts),
        "path": as_text(one.parts),
        "deleted": moment(one.deleted_seconds),
        "size_bytes": one.size_bytes,
    }


def name_of(parts: Parts) -> str:
    return shown(parts[-1]) if parts else ""


def moment(seconds: float) -> str:
    """A program may give its files any date, also one that no calendar has."""
    return datetime.fromtimestamp(min(max(seconds, 0), YEAR_10000_SECONDS - 1), UTC).isoformat()

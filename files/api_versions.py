"""The JSON API of files: what was saved earlier, what changed, and the way back."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from accounts.authentication import BySession, ByToken
from courses import looks
from files import content, diffing, restoring, versions
from files.content import disposition
from files.disk import in_turn
from files.homes import hold_home
from files.paths import from_text, shown
from files.shapes import PROBLEMS, Parts, PathIn, PathText, SavedOut, name_of, new_path, saved_out
from files.version_store import CONTENT_MAX_BYTES
from files.versions import Kept
from files.visit import own_visit, visit
from files.writing import Saved

MIB = 1024 * 1024
NOW = "now"
VersionId = Annotated[str, Field(max_length=64)]
router = Router(auth=[ByToken(), BySession()], tags=["versions"])


class VersionOut(Schema):
    """`why` it was kept: a save, an upload, what was there before an older version was restored, what was deleted, and
    `run` for what a program had written, kept before it was written over."""

    id: str
    saved: datetime
    size_bytes: int
    why: Literal["save", "upload", "before_restore", "delete", "run"]


class VersionsOut(Schema):
    """Newest first. `sentence` says so where versions of this file are not kept."""

    entries: list[VersionOut]
    sentence: str | None


class DiffOut(Schema):
    """A unified diff. Empty where nothing changed, or where there is none: `binary` files, or too large ones, of which
    `sentence` says so. `truncated`: there is more."""

    diff: str
    binary: bool
    truncated: bool
    sentence: str | None


class GoneOut(Schema):
    path: str
    name: str
    id: str
    saved: datetime
    size_bytes: int


class DeletedOut(Schema):
    entries: list[GoneOut]


class RestoreIn(PathIn):
    """Into the file at `path`, which may be another than the version is of."""

    id: VersionId


class FileQuery(Schema):
    path: PathText
    owner: str = ""


class DiffQuery(FileQuery):
    """`to`: a version, or `now` for what is in the file."""

    from_id: VersionId = Field(alias="from")
    to: VersionId = NOW


@router.get("", response={200: VersionsOut, **PROBLEMS})
async def list_versions(request: HttpRequest, query: Query[FileQuery]) -> dict[str, Any]:
    """Of a file that is there, or was."""
    found = await visit(request, query.owner, looks.VERSIONS, query.path)
    parts = from_text(query.path)

    def look() -> dict[str, Any]:
        entries = [asdict(kept) for kept in versions.list_versions(found.owner, parts)]
        with hold_home(found.owner) as home:
            is_large = versions.size_of(home, parts) > CONTENT_MAX_BYTES
        return {"entries": entries, "sentence": too_large_to_keep() if is_large else None}

    return await asyncio.to_thread(look)


@router.get("/deleted", response={200: DeletedOut, **PROBLEMS})
async def list_deleted(request: HttpRequest, owner: str = "") -> dict[str, Any]:
    """The last version of each file that is no longer where it was, the latest first; whoever took it away."""
    found = await visit(request, owner, looks.TRASH)

    def look() -> list[Kept]:
        with hold_home(found.owner) as home:
            return versions.list_deleted(found.owner, home)

    gone = await asyncio.to_thread(look)
    return {"entries": [{**asdict(kept), "name": name_of(from_text(kept.path))} for kept in gone]}


@router.get("/diff", response={200: DiffOut, **PROBLEMS})
async def diff_versions(request: HttpRequest, query: Query[DiffQuery]) -> dict[str, Any]:
    """From one version of a file to another, or to what is in it now."""
    found = await visit(request, query.owner, looks.VERSIONS, query.path)
    parts = from_text(query.path)

    def compare() -> diffing.Diff:
        before = versions.read(found.owner, query.from_id)[1]
        after = what_is_there(found.owner, parts) if query.to == NOW else versions.read(found.owner, query.to)[1]
        name = shown(parts[-1]) if parts else ""
        return diffing.compare(before, after, name, name)

    diff = await in_turn(found.viewer.username, compare)
    return {
        "diff": diff.text,
        "binary": diff.binary,
        "truncated": diff.truncated,
        "sentence": _("These are too large to be compared.") if diff.too_large else None,
    }


def what_is_there(owner: str, parts: Parts) -> bytes:
    """As much as can be compared. Raises NotThere, IsFolder."""
    with hold_home(owner) as home:
        file = content.open_file(home, parts)
    try:
        return content.read_beginning(file, diffing.SIDE_MAX_BYTES + 1)
    finally:
        os.close(file)


@router.post("/restore", response={200: SavedOut, **PROBLEMS})
async def restore_version(request: HttpRequest, wish: RestoreIn) -> dict[str, Any]:
    """What is in the file now is kept first, so restoring can be undone by restoring."""
    found = await own_visit(request)
    parts = new_path(wish.path)

    def act() -> tuple[Saved, str | None]:
        with hold_home(found.owner) as home:
            return restoring.restore(found.owner, home, parts, wish.id)

    saved, version = await asyncio.to_thread(act)
    return saved_out(parts, saved, version)


@router.get("/{version_id}/content", response={200: None, **PROBLEMS})
async def read_version(request: HttpRequest, version_id: str, owner: str = "") -> HttpResponse:
    """The bytes, as a download."""
    found = await visit(request, owner, looks.VERSIONS)
    kept, data = await asyncio.to_thread(versions.read, found.owner, version_id)
    parts = from_text(kept.path)
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition(parts[-1], is_download=True),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def too_large_to_keep() -> str:
    return _("This file is larger than %(most)d MB, so only what is in it now is kept, and no earlier versions.") % {
        "most": CONTENT_MAX_BYTES // MIB
    }

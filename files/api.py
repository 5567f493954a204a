"""The JSON API of files: list, read, save, publish. ivle/api.py puts it up, with those of api_changes and api_trash."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Query, Router, Schema, Status

from accounts.authentication import BySession, ByToken
from courses import looks
from files import access, content, listing, publishing, quota, words
from files.faults import BadName, Refused, TooLarge
from files.folders import make_folders
from files.homes import hold_home
from files.listing import Entry, Listing
from files.lookup import NotThere
from files.media_types import type_by_name
from files.paths import as_text, from_text, shown
from files.public_space import public_url
from files.saving import Keeper
from files.shapes import (
    PROBLEMS,
    ConflictOut,
    ListOut,
    Parts,
    PathText,
    Problem,
    PublishIn,
    PublishOut,
    SavedOut,
    moment,
    name_of,
    new_path,
    saved_out,
)
from files.showing import Showing
from files.visit import Visit, own_visit, visit
from files.writing import ABSENT, Absent, Etag, Saved

MIB: Final = 1024 * 1024
CHUNK_BYTES: Final = 256 * 1024
CONTENT_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
router = Router(auth=[ByToken(), BySession()], tags=["files"])


class ListQuery(Schema):
    path: PathText = ""
    hidden: bool = False
    owner: str = ""


class ContentQuery(Schema):
    path: PathText
    owner: str = ""
    download: bool = False


@router.get("/list", response={200: ListOut, **PROBLEMS})
async def list_files(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """What is in a folder. `hidden`: also what begins with a dot, and compiled programs."""
    found = await visit(request, query.owner, looks.FOLDER, query.path)
    parts = from_text(query.path)

    def look() -> tuple[Listing, quota.Usage]:
        with hold_home(found.owner) as home:
            return listing.list_folder(home, parts, hidden=query.hidden), quota.used(found.owner)

    shown_here, usage = await asyncio.to_thread(look)
    showing = await database_sync_to_async(access.showing_of)(found.owner)
    # Not by way of ListOut: checking ten thousand entries that are known to be right takes longer than finding them.
    answer = await asyncio.to_thread(lambda: json.dumps(list_out(found, parts, shown_here, usage, showing)))
    return HttpResponse(answer, content_type="application/json")


def list_out(found: Visit, parts: Parts, shown_here: Listing, usage: quota.Usage, showing: Showing) -> dict[str, Any]:
    addresses = showing.addresses_of(parts)
    path = as_text(parts)
    before = f"{path}/" if path else ""

    def entry_out(entry: Entry) -> dict[str, Any]:
        its_path = before + as_text((entry.name,))
        return {
            "name": shown(entry.name),
            "path": its_path,
            "kind": entry.kind,
            "leads_to": entry.leads_to,
            "size_bytes": entry.size_bytes,
            "modified": moment(entry.modified_seconds),
            "type": type_by_name(entry.name) if entry.kind == "file" else "",
            "published": showing.sees_below(parts, entry.name, addresses),
        }

    return {
        "path": path,
        "name": name_of(parts),
        "owner": found.owner,
        "writable": found.writable,
        **publish_out(found.owner, addresses),
        "other_urls": [public_url(found.owner, address) for address in addresses[1:]],
        "quota": vars(usage),
        "entries": [entry_out(entry) for entry in shown_here.entries],
        "more": shown_here.more,
    }


def publish_out(owner: str, addresses: list[Parts]) -> dict[str, Any]:
    return {"published": bool(addresses), "public_url": public_url(owner, addresses[0]) if addresses else ""}


async def read_content(request: HttpRequest, query: Query[ContentQuery]) -> HttpResponseBase:
    """The bytes. Ranges, If-None-Match and If-Range as in RFC 9110; what a browser would run comes as a download."""
    found = await visit(request, query.owner, looks.FILE, query.path)
    parts = from_text(query.path)
    headers = {name.lower(): value for name, value in request.headers.items()}
    bodiless = request.method == "HEAD"

    def answer() -> HttpResponseBase:
        with hold_home(found.owner) as home:
            file = content.open_file(home, parts)
        return content.respond(file, parts[-1], headers, download=query.download, bodiless=bodiless)

    return await asyncio.to_thread(answer)


router.add_api_operation("/content", ["GET"], read_content, response={200: None, 206: None, 304: None, **PROBLEMS})
router.add_api_operation("/content", ["HEAD"], read_content, include_in_schema=False)


@router.put(
    "/content",
    response={200: SavedOut, 201: SavedOut, 412: ConflictOut, 413: Problem, **PROBLEMS},
    openapi_extra=CONTENT_BODY,
)
async def save_content(request: HttpRequest, path: Query[PathText], folders: bool = False) -> Status[dict[str, Any]]:
    """Saves the request's body as this file, whole or not at all. With `If-Match: <etag>` only over what that is of,
    with `If-None-Match: *` only where nothing is; with neither, whoever comes last wins. With `folders=true` folders
    above it are made where they are missing."""
    found = await own_visit(request)
    parts = new_path(path)
    must_be = wanted(request)
    size = announced_bytes(request)

    def write() -> tuple[Saved, str | None]:
        with hold_home(found.owner) as home:
            if folders:
                make_folders(home, parts[:-1], quota.room_for(found.owner))
            keeper = Keeper(found.owner, home, "save")
            return keeper.save(parts, body_of(request), size_bytes=size, must_be=must_be)

    saved, version = await asyncio.to_thread(write)
    return Status(HTTPStatus.CREATED if saved.is_new else HTTPStatus.OK, saved_out(parts, saved, version))


def wanted(request: HttpRequest) -> Etag | Absent | None:
    """Raises BadName for what nobody means: several etags, or none of ours."""
    match, none_match = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if none_match is not None:
        if none_match.strip() != "*":
            raise BadName(words.bad_header("If-None-Match"))
        return ABSENT
    if match is None:
        return None
    if match.strip() in ("", "*") or "," in match:
        raise BadName(words.bad_header("If-Match"))
    return Etag(match.strip())


def announced_bytes(request: HttpRequest) -> int | None:
    """Raises TooLarge. The web server refuses most of it earlier (ivle/upload_guard.py)."""
    announced = request.headers.get("Content-Length", "")
    size = int(announced) if announced.isdecimal() else None
    if size is not None and size > settings.IVLE_UPLOAD_MAX_BYTES:
        raise TooLarge(words.too_large(settings.IVLE_UPLOAD_MAX_BYTES // MIB))
    return size


def body_of(request: HttpRequest) -> Iterator[bytes]:
    """Raises TooLarge."""
    left = settings.IVLE_UPLOAD_MAX_BYTES
    while data := request.read(CHUNK_BYTES):
        left -= len(data)
        if left < 0:
            raise TooLarge(words.too_large(settings.IVLE_UPLOAD_MAX_BYTES // MIB))
        yield data


@router.post("/publish", response={200: PublishOut, **PROBLEMS})
async def publish(request: HttpRequest, wish: PublishIn) -> dict[str, Any]:
    """Shows a folder, with all below it, to everybody, or no longer. One above it, or a mapping, may still show it."""
    found = await own_visit(request)
    parts = from_text(wish.path)

    def act() -> dict[str, Any]:
        if wish.published:
            try:
                publishing.publish(found.viewer, parts, settings.IVLE_HOMES)
            except NotThere:
                refuse_file(found.owner, parts)
                raise
        else:
            publishing.unpublish(found.viewer, parts)
        return publish_out(found.owner, access.showing_of(found.owner).addresses_of(parts))

    answer: dict[str, Any] = await database_sync_to_async(act)()
    return answer


def refuse_file(owner: str, parts: Parts) -> None:
    """Raises Refused, with what can be published instead, or NotThere."""
    with hold_home(owner) as home:
        os.close(content.open_file(home, parts))
    raise Refused(words.only_folders())

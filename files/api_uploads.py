"""The JSON API of files: uploads in pieces, which go on where they were after a lost connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from accounts.authentication import BySession, ByToken
from files import uploads
from files.disk import in_turn
from files.paths import as_text, from_text, shown
from files.shapes import PROBLEMS, FailedOut, PathText, Problem, new_name
from files.uploads import CHUNK_BYTES, PIECE_MAX_BYTES, Upload, Wish
from files.visit import own_visit

SIZE_MAX: int = 1 << 50
router = Router(auth=[ByToken(), BySession()], tags=["files"])


class UploadIn(Schema):
    """A file `name` (percent-encoded) into `folder`. With `unzip` it is a zip whose contents go there. `replace` what
    is there already; else that stays, and the upload is refused before anything of it is sent."""

    folder: PathText
    name: str = Field(max_length=1024)
    size_bytes: int = Field(ge=0, le=SIZE_MAX)
    unzip: bool = False
    replace: bool = False


class DoneOut(Schema):
    """`path`: the file, or the folder that the zip was unpacked into; `files`: how many were. `failed`: what was left
    out of a zip, and why; `more_failed` counts those that are not named."""

    path: str
    files: int
    version: str | None
    failed: list[FailedOut]
    more_failed: int


class UploadOut(Schema):
    """The next piece begins at `offset`. `done` is null until all has come and is in its folder."""

    id: str
    offset: int
    size_bytes: int
    piece_max_bytes: int
    done: DoneOut | None


class UnfinishedOut(UploadOut):
    """`path`: where it is going to be."""

    path: str
    unzip: bool
    replace: bool


class WrongOffsetOut(Problem):
    """Another piece is wanted; `offset` is missing where the reason is another."""

    offset: int | None = None


PIECE_PROBLEMS: dict[int, Any] = {**PROBLEMS, 409: WrongOffsetOut, 413: Problem}


@router.post("", response={201: UploadOut, **PROBLEMS})
async def begin_upload(request: HttpRequest, wish: UploadIn) -> Status[dict[str, Any]]:
    """Then send the pieces, in order, each of at most `piece_max_bytes`. What is not finished within a day of its last
    piece is removed."""
    found = await own_visit(request)
    path = as_text((*from_text(wish.folder), new_name(wish.name)))
    begun = Wish(path, wish.size_bytes, wish.unzip, wish.replace)
    return Status(HTTPStatus.CREATED, upload_out(await asyncio.to_thread(uploads.begin, found.owner, begun)))


@router.get("", response={200: list[UnfinishedOut], **PROBLEMS})
async def list_uploads(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that are not finished, so that they can be continued or cancelled, whichever page began them."""
    found = await own_visit(request)
    return [
        {**upload_out(upload), **asdict(upload.wish)}
        for upload in await asyncio.to_thread(uploads.list_unfinished, found.owner)
    ]


@router.get("/{upload_id}", response={200: UploadOut, **PROBLEMS})
async def get_upload(request: HttpRequest, upload_id: str) -> dict[str, Any]:
    """Where to go on, or what came of it."""
    found = await own_visit(request)
    return upload_out(await asyncio.to_thread(uploads.find, found.owner, upload_id))


@router.patch(
    "/{upload_id}",
    response={200: UploadOut, **PIECE_PROBLEMS},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def add_piece(request: HttpRequest, upload_id: str, offset: Query[int]) -> dict[str, Any]:
    """The request's body is the piece from `offset` on. The last one finishes the upload, which may take a while for a
    large zip; where finishing fails, an empty piece at the end tries again."""
    found = await own_visit(request)
    upload = await asyncio.to_thread(uploads.find, found.owner, upload_id)
    announced = request.headers.get("Content-Length", "")
    is_last = not announced.isdecimal() or offset + int(announced) >= upload.wish.size_bytes
    piece = (found.owner, upload_id, offset, body_of(request))
    add = in_turn(found.owner, uploads.add, *piece) if is_last else asyncio.to_thread(uploads.add, *piece)
    return upload_out(await add)


def body_of(request: HttpRequest) -> Iterator[bytes]:
    left = PIECE_MAX_BYTES + 1  # one more shows that it is too long
    while left > 0 and (data := request.read(min(CHUNK_BYTES, left))):
        left -= len(data)
        yield data


@router.delete("/{upload_id}", response={204: None, **PROBLEMS})
async def cancel_upload(request: HttpRequest, upload_id: str) -> Status[None]:
    """What has come is removed; what is finished stays where it is."""
    found = await own_visit(request)
    await asyncio.to_thread(uploads.cancel, found.owner, upload_id)
    return Status(HTTPStatus.NO_CONTENT, None)


def upload_out(upload: Upload) -> dict[str, Any]:
    done = upload.done
    return {
        "id": upload.id,
        "offset": upload.offset,
        "size_bytes": upload.wish.size_bytes,
        "piece_max_bytes": PIECE_MAX_BYTES,
        "done": done
        and {
            "path": done.path,
            "files": done.files,
            "version": done.version,
            "failed": [
                {"path": path, "name": shown(unquote_to_bytes(path.rpartition("/")[2])), "detail": sentence}
                for path, sentence in done.failed
            ],
            "more_failed": done.more_failed,
        },
    }

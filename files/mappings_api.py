"""The JSON API of static mappings, /api/files/mappings. ivle/api.py puts it up."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from accounts.authentication import BySession, ByToken, person_of
from files.mappings import (
    ADDRESS_MAX_CHARACTERS,
    Mapping,
    describe,
    map_address,
    mapped_addresses,
    read_wish,
    unmap_address,
)
from files.paths import as_text

router = Router(auth=[ByToken(), BySession()], tags=["files"])


class Problem(Schema):
    detail: str


class MappingOut(Schema):
    """`there` is false where the folder has been moved, renamed or deleted: its address shows nothing then."""

    address: str
    path: str
    url: str
    there: bool


class MappingsOut(Schema):
    entries: list[MappingOut]


class MappingIn(Schema):
    """Both percent-encoded, without a slash first; an address "" is your whole public space, a path "" your home."""

    address: str = Field(max_length=ADDRESS_MAX_CHARACTERS)
    path: str = Field(max_length=12288)


PROBLEMS: dict[int, Any] = dict.fromkeys((400, 404, 409), Problem)


@router.get("", response={200: MappingsOut, **PROBLEMS})
async def get_mappings(request: HttpRequest) -> dict[str, list[Mapping]]:
    """Which addresses in your public space lead to which folders of yours."""
    person = person_of(request)
    mapped = await database_sync_to_async(mapped_addresses)(person)
    return {"entries": await asyncio.to_thread(describe, person.username, mapped, settings.IVLE_HOMES)}


@router.post("", response={201: MappingOut, **PROBLEMS})
async def make_mapping(request: HttpRequest, wish: MappingIn) -> Status[Mapping]:
    """Shows a folder to everybody, at an address of its own. One that was mapped already leads to this folder now."""
    person, homes = person_of(request), settings.IVLE_HOMES
    read = await asyncio.to_thread(read_wish, person.username, wish.address, wish.path, homes)
    await database_sync_to_async(map_address)(person, read)
    mapped = [(as_text(read.address), as_text(read.folder))]
    [made] = await asyncio.to_thread(describe, person.username, mapped, homes)
    return Status(HTTPStatus.CREATED, made)


@router.delete("", response={204: None, **PROBLEMS})
async def delete_mapping(request: HttpRequest, address: str) -> Status[None]:
    """The address shows nothing any more; the folder stays."""
    if not await database_sync_to_async(unmap_address)(person_of(request), address):
        raise HttpError(HTTPStatus.NOT_FOUND, _("This address is not mapped."))
    return Status(HTTPStatus.NO_CONTENT, None)

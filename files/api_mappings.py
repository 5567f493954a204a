"""The JSON API of static mappings, /api/files/mappings. ivle/api.py puts it up."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from channels.db import database_sync_to_async
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from accounts.authentication import BySession, ByToken
from files import mappings
from files.mappings import ADDRESS_MAX_CHARACTERS, Mapping
from files.paths import as_text
from files.shapes import PROBLEMS, PathText
from files.visit import own_visit, visit

router = Router(auth=[ByToken(), BySession()], tags=["files"])
AddressText = Annotated[str, Field(max_length=ADDRESS_MAX_CHARACTERS)]


class MappingOut(Schema):
    """`there` is false where the folder is gone by other ways than this API: its address shows nothing then."""

    address: str
    path: str
    url: str
    there: bool


class MappingsOut(Schema):
    entries: list[MappingOut]


class MappingIn(Schema):
    """Both percent-encoded, without a slash first; an address "" is your whole public space, a path "" your home."""

    address: AddressText
    path: PathText


@router.get("", response={200: MappingsOut, **PROBLEMS})
async def get_mappings(request: HttpRequest, owner: str = "") -> dict[str, list[Mapping]]:
    """Which addresses in the public space lead to which folders."""
    found = await visit(request, owner)
    mapped = await database_sync_to_async(mappings.mapped_addresses)(found.owner)
    return {"entries": await asyncio.to_thread(mappings.describe, found.owner, mapped)}


@router.post("", response={201: MappingOut, **PROBLEMS})
async def make_mapping(request: HttpRequest, wish: MappingIn) -> Status[Mapping]:
    """Shows a folder to everybody, at an address of its own. One that was mapped already leads to this folder now."""
    found = await own_visit(request)
    read = await asyncio.to_thread(mappings.read_wish, found.owner, wish.address, wish.path)
    await database_sync_to_async(mappings.map_address)(found.viewer, read)
    mapped = [(as_text(read.address), as_text(read.folder))]
    [made] = await asyncio.to_thread(mappings.describe, found.owner, mapped)
    return Status(HTTPStatus.CREATED, made)


@router.delete("", response={204: None, **PROBLEMS})
async def delete_mapping(request: HttpRequest, address: AddressText) -> Status[None]:
    """The address shows nothing any more; the folder stays."""
    found = await own_visit(request)
    if not await database_sync_to_async(mappings.unmap_address)(found.viewer, address):
        raise HttpError(HTTPStatus.NOT_FOUND, _("This address is not mapped."))
    return Status(HTTPStatus.NO_CONTENT, None)

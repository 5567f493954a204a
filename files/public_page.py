"""The page /public/: what a person shows to everybody, folders at their own address and at others. Without a script."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from channels.db import database_sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.answers import see_other
from accounts.models import Person
from files import access, mappings, publishing
from files.faults import FileFault
from files.lookup import NotThere
from files.paths import BadPath, as_text, from_text, shown, split_path
from files.public_space import public_url
from files.showing import Parts, Showing, is_hidden


@dataclass(frozen=True)
class Row:
    """A folder that is shown, or why it is not. `key` is what its button sends: the percent-encoded path or address."""

    key: str
    folder: str
    url: str
    fault: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
async def public_page(request: HttpRequest) -> HttpResponse:
    person = cast(Person, await request.auser())
    status, refused = HTTPStatus.OK, ""
    if request.method == "POST":
        try:
            done = await DOINGS[request.POST.get("do", "")](request, person)
        except FileFault as fault:
            status, refused = HTTPStatus(fault.status), str(fault)
        except (BadPath, NotThere, KeyError):
            status, refused = HTTPStatus.BAD_REQUEST, _("There is no such address or folder any more.")
        else:
            messages.success(request, done)
            return see_other("public")
    showing = await database_sync_to_async(access.showing_of)(person.username)
    mapped = await database_sync_to_async(mappings.mapped_addresses)(person.username)
    described = await asyncio.to_thread(mappings.describe, person.username, mapped)
    context = {
        "published": [published_row(person, parts, showing) for parts in sorted(showing.published)],
        "mapped": [mapped_row(one, showing) for one in described],
        "space": public_url(person.username),
        "refused": refused,
        "typed": request.POST if refused else {},
    }
    page: HttpResponse = await database_sync_to_async(render)(request, "files/public.html", context, status=status)
    return page


def published_row(person: Person, parts: Parts, showing: Showing) -> Row:
    return Row(as_text(parts), folder_words(parts), public_url(person.username, parts), fault_at(parts, parts, showing))


def mapped_row(one: mappings.Mapping, showing: Showing) -> Row:
    folder = from_text(one.path)
    fault = fault_at(from_text(one.address), folder, showing) if one.there else _("This folder is not there any more.")
    return Row(one.address, folder_words(folder), one.url, fault)


def fault_at(address: Parts, folder: Parts, showing: Showing) -> str:
    if is_hidden(folder):
        return _("This folder is hidden by the dot in its path, and what is hidden is never shown.")
    return "" if showing.leads_to(address) == folder else _("This address shows another folder.")


def folder_words(parts: Parts) -> str:
    return shown(b"/".join(parts)) or _("your whole folder")


async def do_map(request: HttpRequest, person: Person) -> str:
    """Address and folder as a person types them."""
    address, folder = (typed(request.POST.get(field, "")) for field in ("address", "folder"))
    wish = await asyncio.to_thread(mappings.read_wish, person.username, address, folder)
    await database_sync_to_async(mappings.map_address)(person, wish)
    return _("Everybody can open this folder now: %(url)s") % {"url": public_url(person.username, wish.address)}


def typed(text: str) -> str:
    try:
        return as_text(split_path(os.fsencode(text)))
    except (BadPath, UnicodeError):
        raise mappings.BadMapping(_("There can be no such address or folder.")) from None


async def do_unmap(request: HttpRequest, person: Person) -> str:
    if not await database_sync_to_async(mappings.unmap_address)(person, request.POST.get("key", "")):
        raise NotThere
    return _("The address shows nothing any more. The folder is as it was.")


async def do_unpublish(request: HttpRequest, person: Person) -> str:
    if not await database_sync_to_async(publishing.unpublish)(person, from_text(request.POST.get("key", ""))):
        raise NotThere
    return _("The folder is private now, unless a folder above it or an address still shows it.")


DOINGS: Final = {"map": do_map, "unmap": do_unmap, "unpublish": do_unpublish}

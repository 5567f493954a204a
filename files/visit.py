"""Whose files a request is about, and whether that is allowed. Every route of the API begins here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from channels.db import database_sync_to_async
from django.http import HttpRequest

from accounts.authentication import person_of
from accounts.models import Person
from courses import looks
from files import access
from files.homes import make_own_home
from files.lookup import NotThere


@dataclass(frozen=True)
class Visit:
    """Somebody at somebody's home. `owner` is the login name of a person there is."""

    viewer: Person
    owner: str
    writable: bool


async def visit(request: HttpRequest, owner: str = "", what: str = looks.FOLDER, *paths: str) -> Visit:
    """To look at something, which is written down where it is another's. Raises NotThere where that is not allowed, as
    where there is nobody of that name."""
    viewer = person_of(request)
    owner = owner or viewer.username
    if owner == viewer.username:
        if not access.may_read(viewer, owner):
            raise NotThere
        await asyncio.to_thread(make_own_home, owner)
    else:
        await database_sync_to_async(look)(viewer, owner, what, paths or ("",))
    return Visit(viewer, owner, access.may_write(viewer, owner))


def look(viewer: Person, owner: str, what: str, paths: tuple[str, ...]) -> None:
    """Raises NotThere."""
    if not access.may_read(viewer, owner) or not Person.objects.filter(username=owner).exists():
        raise NotThere
    for path in paths:
        looks.note(viewer, owner, what, path)


async def own_visit(request: HttpRequest) -> Visit:
    """To change something, which nobody does in another's home. Raises NotThere."""
    found = await visit(request)
    if not found.writable:
        raise NotThere
    return found

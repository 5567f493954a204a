"""Looks again, every few seconds, at the rights of all who watch through this process; a right that is gone ends it.

One round for all of them, with three questions to the database whatever their number.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from channels.db import database_sync_to_async
from django.db import DatabaseError

from accounts.credentials import Credential, people_now
from console import access, words
from console.watching import Closing

ROUND_SECONDS: Final = 3.0
log = logging.getLogger(__name__)


@dataclass(eq=False)
class Grant:
    """That somebody may watch consoles of an owner; `revoked` is done with the reason once they no longer may."""

    credential: Credential
    owner: str
    revoked: asyncio.Future[Closing] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def __enter__(self) -> Grant:
        _grants.add(self)
        _keep_looking()
        return self

    def __exit__(self, *_error: object) -> None:
        _grants.discard(self)


_grants: set[Grant] = set()
_looking: asyncio.Task[None] | None = None


def _keep_looking() -> None:
    global _looking
    if _looking is None or _looking.done() or _looking.get_loop() is not asyncio.get_running_loop():
        _looking = asyncio.get_running_loop().create_task(look_again_and_again())


async def look_again_and_again() -> None:
    """Until nobody watches."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        if not _grants:
            return
        try:
            await look_again()
        except DatabaseError:
            log.warning("The rights of watchers could not be looked at; trying again in %s s.", ROUND_SECONDS)


async def look_again() -> None:
    grants = list(_grants)
    for grant, closing in (await database_sync_to_async(verdicts)(grants)).items():
        if not grant.revoked.done():
            grant.revoked.set_result(closing)


async def still_hold(credential: Credential, owner: str) -> bool:
    """Whether this person may still watch that owner's consoles: for an answer that was waited for."""
    return not await database_sync_to_async(verdicts)([Grant(credential, owner)])


def verdicts(grants: Collection[Grant]) -> dict[Grant, Closing]:
    """Of those that no longer hold."""
    people = people_now({grant.credential for grant in grants})
    ending = {}
    for grant in grants:
        person = people.get(grant.credential)
        if person is None:
            ending[grant] = Closing("logged_out", words.logged_out())
        elif not access.may_watch(person, grant.owner):
            ending[grant] = Closing("rights", words.rights_gone())
    return ending

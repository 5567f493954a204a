"""Looks again, every few seconds, at the rights of all who have a connection open through this process.

One round for all of them, with three questions to the database whatever their number. For the doors of WebSockets.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextvars import Context
from typing import Any, Final, Generic, Self, TypeVar

from channels.db import database_sync_to_async
from django.db import DatabaseError

from accounts.credentials import Credential, people_now
from accounts.models import Person

ROUND_SECONDS: Final = 3.0
Reason = TypeVar("Reason")
log = logging.getLogger(__name__)


class Grant(ABC, Generic[Reason]):
    """That somebody may do something for a while; `revoked` is done with the reason once they no longer may.

    Use as a context manager around what they do.
    """

    def __init__(self, credential: Credential) -> None:
        self.credential = credential
        self.revoked: asyncio.Future[Reason] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def verdict(self, person: Person | None) -> Reason | None:
        """Why it no longer holds. The person is as the database has them now; None where the credential is gone."""

    def __enter__(self) -> Self:
        _grants.add(self)
        _keep_looking()
        return self

    def __exit__(self, *_error: object) -> None:
        _grants.discard(self)


_grants: set[Grant[Any]] = set()
_looking: asyncio.Task[None] | None = None


def _keep_looking() -> None:
    global _looking
    if _looking is None or _looking.done() or _looking.get_loop() is not asyncio.get_running_loop():
        # In no request's context: a request takes its thread along when it ends, and this goes on.
        _looking = asyncio.get_running_loop().create_task(look_again_and_again(), context=Context())


async def look_again_and_again() -> None:
    """Until nobody has a connection."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        if not _grants:
            return
        try:
            await look_again()
        except DatabaseError:
            log.warning("Rights could not be looked at; trying again in %s s.", ROUND_SECONDS)


async def look_again() -> None:
    grants = list(_grants)
    for grant, reason in (await database_sync_to_async(verdicts)(grants)).items():
        if not grant.revoked.done():
            grant.revoked.set_result(reason)


async def still_holds(grant: Grant[Any]) -> bool:
    """For an answer that was waited for."""
    return not await database_sync_to_async(verdicts)([grant])


def verdicts(grants: Collection[Grant[Any]]) -> dict[Grant[Any], Any]:
    """Of those that no longer hold."""
    people = people_now({grant.credential for grant in grants})
    reasons = {grant: grant.verdict(people.get(grant.credential)) for grant in grants}
    return {grant: reason for grant, reason in reasons.items() if reason is not None}

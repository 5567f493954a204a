"""The warden's part in guests: ends shells whose page is gone, whose time is up, or that may not be any more.

A page that leaves says so, mostly; this is for browsers that crashed, networks that broke and web servers that died.
"""

from __future__ import annotations

import time
from typing import Final

from channels.db import database_sync_to_async
from django.conf import settings

from console.starting import end_quietly
from sandbox.consoles import SessionInfo
from sandbox.faults import SandboxError
from shells import census, rates, switch

EVERY_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 8.0  # in which a page whose connection broke comes back
FORGET_EVERY_SECONDS: Final = 60.0
_alone_since: dict[str, float] = {}  # by session


async def sweep() -> None:
    try:
        guests = await census.guests()
    except SandboxError:
        return  # which others tell; where it is away, so are all guests
    note_who_is_alone(guests, time.monotonic())
    may_be = bool(guests) and await database_sync_to_async(switch.is_on)()
    for info in guests:
        if not may_be or is_due(info):
            await end_quietly(info.id)


def note_who_is_alone(guests: list[SessionInfo], now: float) -> None:
    alone = [info.id for info in guests if not info.watchers]
    for session_id in list(_alone_since):
        if session_id not in alone:
            del _alone_since[session_id]
    for session_id in alone:
        _alone_since.setdefault(session_id, now)


def is_due(info: SessionInfo) -> bool:
    is_alone = time.monotonic() - _alone_since.get(info.id, time.monotonic()) >= GRACE_SECONDS
    is_old = time.time() - info.started >= settings.IVLE_GUEST_LIFE_MINUTES * 60
    return is_alone or is_old or (census.is_over(info) and not info.watchers)


async def forget() -> None:
    await database_sync_to_async(rates.forget_old_starts)()

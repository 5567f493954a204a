"""A shell for a guest: Python, an empty home that is gone with it, limits of its own. For websocket.py."""

from __future__ import annotations

from typing import Any, Final

from channels.db import database_sync_to_async
from django.conf import settings

from console.policies import Unique
from console.programs import ENVIRON, Program
from console.starting import end_quietly
from sandbox import consoles
from sandbox.consoles import SessionInfo, Size
from sandbox.faults import SandboxError
from sandbox.job import NOBODYS_NAME, Job
from shells import census, rates, switch, words
from shells.capability import Capability

HOME: Final = f"/home/{NOBODYS_NAME}"
PROGRAM: Final = Program("python")


class NotNow(Exception):
    """Its text is a sentence for the guest."""


async def open_shell(capability: Capability, address: str, size: Size) -> SessionInfo:
    """Raises NotNow, StartedBefore and SandboxError."""
    if not await database_sync_to_async(switch.is_on)():
        raise NotNow(words.off())
    check_room(await census.guests_who_run(), address)
    try:
        await database_sync_to_async(rates.note_start)(capability.number, address)
    except rates.TooOften as refusal:
        raise NotNow(str(refusal)) from refusal
    try:
        info = await consoles.open_session(
            settings.IVLE_SANDBOX_SOCKET, capability.session_id, job_of(capability.owner), size, about(address)
        )
    except SandboxError:
        if not await is_there(capability.session_id):  # and that is not the guest's doing
            await database_sync_to_async(rates.give_back)(capability.number)
        raise
    try:  # of several that came at the same moment, the last have to go
        check_room(await earlier_than(capability.session_id), address)
    except NotNow:
        await end_quietly(info.id)
        raise
    return info


async def is_there(session_id: str) -> bool:
    try:
        await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
    except SandboxError:
        return False
    return True


def check_room(guests: list[SessionInfo], address: str) -> None:
    """For one more from this address. Raises NotNow."""
    if len(guests) >= settings.IVLE_GUESTS_MAX:
        raise NotNow(words.full())
    if sum(info.about["address"] == address for info in guests) >= settings.IVLE_GUESTS_PER_ADDRESS:
        raise NotNow(words.too_many_there())


async def earlier_than(session_id: str) -> list[SessionInfo]:
    """Guests who run and came before that one."""
    guests = await census.guests_who_run()
    ids = [info.id for info in guests]
    return guests[: ids.index(session_id)] if session_id in ids else []


def job_of(owner: str) -> Job:
    return Job(
        owner,
        (),
        HOME,
        settings.GUEST_LIMITS,
        ENVIRON,
        entry="repl",
        runtime="python",
        notice=words.greeting() + "\n",
        has_home=False,
    )


def about(address: str) -> dict[str, Any]:
    """As all consoles have it; and, while it lives, the hash by which its address is counted."""
    return {**PROGRAM.about(), "policy": Unique.kind, "name": "guest", "address": address}

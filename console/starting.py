"""Opening consoles, starting their programs anew, finding and ending them: what pages, the API and the doors share."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.models import Person
from console import access
from console.disk_watch import keep_watching
from console.policies import Named, Policy, Single, TooMany, Unique
from console.programs import Program
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo, Size
from sandbox.faults import SandboxBusy

POLICIES: Final[dict[str, Callable[[], Policy]]] = {
    Named.kind: lambda: Named(settings.IVLE_CONSOLES_PER_OWNER),
    Unique.kind: lambda: Unique(settings.IVLE_CONSOLES_PER_OWNER),
    Single.kind: Single,
}
SIZE: Final = Size(24, 80)  # until a page says its own
# Getting or creating must not be done twice at a time for one owner.
_turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()


async def open_console(
    owner: str, program: Program, policy: str = Named.kind, name: str = "", size: Size = SIZE
) -> SessionInfo:
    """One that is there, where the policy says so, or a new one. Raises BadStart, TooMany and SandboxError."""
    rule = POLICIES[policy]()
    turn = _turns.setdefault((id(asyncio.get_running_loop()), owner), asyncio.Lock())
    async with turn:
        sessions = await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET, owner)
        choice = rule.choose(name, sessions)
        if isinstance(choice, SessionInfo):
            return choice
        about = {**program.about(), "policy": rule.kind, "name": choice}
        job = await asyncio.to_thread(program.job, owner)
        keep_watching()
        try:
            return await consoles.open_session(
                settings.IVLE_SANDBOX_SOCKET, secrets.token_urlsafe(16), job, size, about
            )
        except SandboxBusy as busy:
            raise TooMany(str(busy)) from busy


async def restart_console(info: SessionInfo) -> SessionInfo:
    """The same program again. Raises BadStart, where its file is no longer there, SessionGone and SandboxError."""
    job = await asyncio.to_thread(Program.recall(info.about).job, info.owner)
    keep_watching()
    return await consoles.restart_session(settings.IVLE_SANDBOX_SOCKET, info.id, job)


async def find_console(person: Person, session_id: str) -> SessionInfo:
    """Raises SessionGone for one that is not there, or that is not this person's to see; and SandboxError."""
    info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
    if not await database_sync_to_async(access.may_look)(person, info):
        raise SessionGone("not yours to see")
    return info


async def end_console(session_id: str) -> None:
    """Raises SessionGone and SandboxError."""
    await consoles.end_session(settings.IVLE_SANDBOX_SOCKET, session_id)


async def end_quietly(session_id: str) -> None:
    try:
        await end_console(session_id)
    except SessionGone:
        return

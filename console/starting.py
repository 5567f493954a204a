"""Opening consoles, starting their programs anew, finding and ending them: what pages, the API and the doors share."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from channels.db import database_sync_to_async
from django.conf import settings

from accounts import places, request_note
from accounts.models import Person
from console import access, words
from console.long_run import start_with_what_was_granted
from console.policies import Named, Policy, Queued, Single, TooMany, Unique
from console.programs import Program
from files.homes import make_own_home
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo, Size
from sandbox.faults import MachineShort, SandboxBusy
from sandbox.job import Job

POLICIES: Final[dict[str, Callable[[], Policy]]] = {
    Named.kind: lambda: Named(settings.IVLE_CONSOLES_PER_OWNER),
    Unique.kind: lambda: Unique(settings.IVLE_CONSOLES_PER_OWNER),
    Single.kind: Single,
}
SIZE: Final = Size(24, 80)  # until a page says its own


async def open_console(
    owner: str, program: Program, policy: str = Named.kind, name: str = "", size: Size = SIZE
) -> SessionInfo:
    """One that is there, where the policy says so, or a new one. Raises BadStart, Queued, TooMany and SandboxError."""
    rule = POLICIES[policy]()
    async with places.async_turn(f"opening of {owner}"):  # getting or creating, not twice at a time
        sessions = await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET, owner)
        choice = rule.choose(name, sessions)
        if isinstance(choice, SessionInfo):
            return choice
        about = {**program.about(), "policy": rule.kind, "name": choice}
        job = await asyncio.to_thread(first_job, program, owner)
        request_note.note_job(job.id)

        async def open_it(job: Job) -> SessionInfo:
            socket = settings.IVLE_SANDBOX_SOCKET
            return await consoles.open_session(socket, secrets.token_urlsafe(16), job, size, about)

        try:
            return await start_with_what_was_granted(job, program.file, open_it)
        except SandboxBusy as busy:
            raise refusal_of(busy) from busy


def refusal_of(busy: SandboxBusy) -> TooMany:
    if isinstance(busy, MachineShort):
        return Queued(words.no_room(busy), words.in_queue(busy.ahead), busy.retry_after_seconds)
    return TooMany(words.no_room(busy))


def first_job(program: Program, owner: str) -> Job:
    """A console may be the first thing that somebody does here. Raises BadStart."""
    make_own_home(owner)
    return program.job(owner)


async def restart_console(info: SessionInfo) -> SessionInfo:
    """The same program again. Raises BadStart where its file is gone, Queued, TooMany, SessionGone and SandboxError."""
    program = Program.recall(info.about)
    job = await asyncio.to_thread(program.job, info.owner)
    request_note.note_job(job.id)

    async def restart_it(job: Job) -> SessionInfo:
        return await consoles.restart_session(settings.IVLE_SANDBOX_SOCKET, info.id, job)

    try:
        return await start_with_what_was_granted(job, program.file, restart_it)
    except SandboxBusy as busy:
        raise refusal_of(busy) from busy


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

"""A program that was granted more CPU than others, for one run. Starts it, for starting.py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from channels.db import database_sync_to_async

from accounts import extra_cpu
from accounts.extra_cpu import Taken
from sandbox.consoles import SessionInfo
from sandbox.faults import SandboxError
from sandbox.job import Job

Start = Callable[[Job], Awaitable[SessionInfo]]
_under_way: Final[set[asyncio.Task[SessionInfo]]] = set()  # the loop alone would not keep them


async def start_with_what_was_granted(job: Job, file: str, start: Start) -> SessionInfo:
    """`start` is given the job with the limit that it may have. Begun, this goes on to its end although whoever asked
    has hung up: what was granted is used if the program was started, and else it is not. Raises what `start` raises."""
    if not file:
        return await start(job)
    starting = asyncio.ensure_future(taken_and_started(job, file, start))
    _under_way.add(starting)
    starting.add_done_callback(let_go)
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait({starting})  # nobody's next start comes before its end
        raise


async def taken_and_started(job: Job, file: str, start: Start) -> SessionInfo:
    taken: Taken | None = await database_sync_to_async(extra_cpu.granter.take)(job.owner, file)
    if taken is None:
        return await start(job)
    limits = replace(job.limits, cpu_seconds=job.limits.cpu_seconds + taken.cpu_seconds)
    try:
        return await start(replace(job, limits=limits))
    except SandboxError:  # says that nothing runs, as nothing else does
        await database_sync_to_async(extra_cpu.granter.give_back)(taken)
        raise


def let_go(starting: asyncio.Task[SessionInfo]) -> None:
    _under_way.discard(starting)
    if not starting.cancelled():
        starting.exception()  # nobody may be left to hear of it

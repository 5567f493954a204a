"""Stops consoles' programs that make their owners' files grow past the quota. A duty of the warden's.

A program may write many files, each within its bounds. So while programs run, their owners' files are counted every few
seconds, and whoever is above the quota and has grown since has theirs stopped. docs/decisions/0075.
"""

from __future__ import annotations

import asyncio
from typing import Final

from django.conf import settings

from files import quota
from sandbox import consoles
from sandbox.consoles import SessionGone
from sandbox.faults import SandboxError
from sandbox.outcome import Ended

ROUND_SECONDS: Final = quota.COUNT_HOLDS_SECONDS
_before: dict[str, int] = {}


async def watch() -> None:
    """A duty of the warden's, who is told by another of them where the sandbox does not answer."""
    global _before
    try:
        _before = await look(_before)
    except SandboxError:
        _before = {}


async def look(before: dict[str, int]) -> dict[str, int]:
    """Stops what must be, and gives how much each owner of a running program uses. Raises SandboxError."""
    running: dict[str, list[str]] = {}
    for info in await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET):
        if info.outcome is None and info.fault is None:
            running.setdefault(info.owner, []).append(info.id)
    now: dict[str, int] = {}
    for owner, sessions in running.items():
        usage = await asyncio.to_thread(quota.used, owner)
        now[owner] = usage.used_bytes
        if usage.used_bytes > max(usage.limit_bytes, before.get(owner, usage.used_bytes)):
            for session_id in sessions:
                await stop(session_id)
    return now


async def stop(session_id: str) -> None:
    try:
        await consoles.stop_session(settings.IVLE_SANDBOX_SOCKET, session_id, Ended.DISK)
    except SessionGone:
        return

"""What becomes of a console whose last watcher has left: nothing, unless its policy says that it ends with them."""

from __future__ import annotations

import asyncio
from typing import Final

from django.conf import settings

from console.starting import POLICIES, end_quietly
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo
from sandbox.faults import SandboxError

GRACE_SECONDS: Final = 20.0  # a page that is loaded again, or whose connection broke, is back before
_waiting: set[asyncio.Task[None]] = set()  # the event loop itself keeps no hold of its tasks


def note_departure(info: SessionInfo) -> None:
    """A watcher has left."""
    if POLICIES[info.about["policy"]]().ends_with_its_watcher:
        task = asyncio.get_running_loop().create_task(end_if_deserted(info.id))
        _waiting.add(task)
        task.add_done_callback(_waiting.discard)


async def end_if_deserted(session_id: str) -> None:
    await asyncio.sleep(GRACE_SECONDS)
    try:
        info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, session_id)
        if not info.watchers:
            await end_quietly(session_id)
    except (SessionGone, SandboxError):
        return

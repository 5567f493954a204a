"""The guests of this machine, of whom its supervisor knows."""

from __future__ import annotations

from django.conf import settings

from console.starting import end_quietly
from sandbox import consoles
from sandbox.consoles import SessionInfo
from sandbox.standing import is_guest


async def guests() -> list[SessionInfo]:
    """Oldest first; those too that are over and not yet forgotten. Raises SandboxError."""
    sessions = await consoles.list_sessions(settings.IVLE_SANDBOX_SOCKET)
    return [info for info in sessions if is_guest(info.owner)]


async def guests_who_run() -> list[SessionInfo]:
    """Raises SandboxError."""
    return [info for info in await guests() if not is_over(info)]


def is_over(info: SessionInfo) -> bool:
    return info.outcome is not None or info.fault is not None


async def end_all() -> int:
    """How many there were. Raises SandboxError."""
    everybody = await guests()
    for info in everybody:
        await end_quietly(info.id)
    return len(everybody)

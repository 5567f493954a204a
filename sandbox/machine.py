"""What the supervisor tells of itself, and ending all that one owner runs. Callers outside this package come here."""

from __future__ import annotations

from typing import Any

from sandbox.client import SocketPath
from sandbox.consoles import ask


async def status(socket_path: SocketPath) -> dict[str, Any]:
    """What runs, waits and is ready now, and its counts. Raises SandboxError."""
    return await ask(socket_path, {"kind": "status"})


async def recent(socket_path: SocketPath) -> list[dict[str, Any]]:
    """How the last programs ended, the latest first. Raises SandboxError."""
    ends: list[dict[str, Any]] = (await ask(socket_path, {"kind": "recent"}))["recent"]
    return ends


async def owners(socket_path: SocketPath) -> dict[str, dict[str, int]]:
    """By owner, how many programs run, wait or serve, consoles not counted. Raises SandboxError."""
    found: dict[str, dict[str, int]] = (await ask(socket_path, {"kind": "owners"}))["owners"]
    return found


async def end_all_of(socket_path: SocketPath, owner: str) -> int:
    """Ends what an owner runs, consoles too, and gives how many it were. Raises SandboxError."""
    number: int = (await ask(socket_path, {"kind": "end_owner", "owner": owner}))["ended"]
    return number

"""Tells the supervisor that an environment has been changed."""

from __future__ import annotations

from sandbox.client import SocketPath
from sandbox.consoles import ask


async def renew(socket_path: SocketPath, environment: str) -> None:
    """Programs that are started from now on start in what it is now; those that run go on in what it was.

    Raises SandboxError where nothing starts in it, and the earlier one goes on, or where no supervisor answers.
    """
    await ask(socket_path, {"kind": "renew", "environment": environment})

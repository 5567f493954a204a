"""What people in consoles are told before the supervisor ends, and how long is waited then. For `up`."""

from __future__ import annotations

import asyncio
from typing import Final

from django.conf import settings

from ivle.steward import say
from sandbox import consoles
from sandbox.faults import SandboxError

ANSWER_SECONDS: Final = 3.0


def say_farewell() -> float:
    """In seconds; 0 where nobody has a console."""
    seconds: float = settings.IVLE_FAREWELL_SECONDS
    count = asyncio.run(tell_consoles(seconds))
    if not count:
        return 0.0
    many = f"{count} consoles are" if count > 1 else "1 console is"
    say(f"{many} open. Their people were told, and they end in {seconds:g} s. Ctrl-C once more ends them now.")
    return seconds


async def tell_consoles(seconds: float) -> int:
    """How many there are; 0 as well where the supervisor does not answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await consoles.announce_end(settings.IVLE_SANDBOX_SOCKET, seconds)
    except (SandboxError, TimeoutError):
        return 0

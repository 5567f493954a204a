"""Does what must be done again and again while the site runs, each duty in its own time. For `manage.py warden`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from asgiref.sync import ThreadSensitiveContext

from sandbox.faults import SandboxError

LONG_SECONDS: Final = 60.0  # a duty that takes so long is told of
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """`run` is called `every_seconds` after its last call ended. What it raises is logged, and it is called again."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


async def do(duties: Sequence[Duty]) -> None:
    """Until it is cancelled. No duty waits for another, or for another's database."""
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.Event().wait(), name="until it is cancelled")
        for duty in duties:
            group.create_task(do_again_and_again(duty), name=duty.name)


async def do_again_and_again(duty: Duty) -> None:
    """A fault is told once, and once more when it is over."""
    failing = False
    async with ThreadSensitiveContext():  # a thread of its own for the database
        while True:
            try:
                await tell_when_long(duty)
            except Exception as fault:
                if not failing:
                    # That no supervisor answers is no mistake of the duty's: where it was noticed is of no use.
                    known = isinstance(fault, SandboxError)
                    why = fault if known else type(fault).__qualname__  # the words of others may be anybody's
                    log.error("The warden's duty “%s” fails: %s", duty.name, why, exc_info=not known)
                failing = True
            else:
                if failing:
                    log.warning("The warden's duty “%s” is done again.", duty.name)
                failing = False
            await asyncio.sleep(duty.every_seconds)


async def tell_when_long(duty: Duty) -> None:
    def tell() -> None:
        log.warning("The warden's duty “%s” has taken %g s, and goes on.", duty.name, LONG_SECONDS)

    telling = asyncio.get_running_loop().call_later(LONG_SECONDS, tell)
    try:
        await duty.run()
    finally:
        telling.cancel()

"""A program of our own, run as a student's would be: whether jails start is known by starting one."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from operations.questions import ANSWER_SECONDS
from sandbox import client, machine
from sandbox.faults import MachineShort, OverBudget, SandboxBusy, SandboxError
from sandbox.job import Job
from sandbox.outcome import Ended

OWNER: Final = "ivle.probe"  # no login name has a dot
PATIENCE_SECONDS: Final = 15.0


class NotKnown(Exception):
    """It was not begun, so nothing is said of jails."""


class NoTurn(NotKnown):
    """Others have all of them."""


class NoMemory(NotKnown):
    """The machine has none for one more program."""


async def trouble() -> str | None:
    """Why programs cannot be run; None where this one was. Raises NotKnown, NoTurn and NoMemory."""
    job = Job(OWNER, ("/dev/null",), "/home/student", replace(settings.CGI_LIMITS), has_home=False)
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        run = client.start(settings.IVLE_SANDBOX_SOCKET, job, nothing, nothing, nothing)
        async with run:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    outcome = await run.outcome()
            except TimeoutError:
                if await still_waits():
                    raise NoTurn from None
                return _("a test program was not run within %(seconds)d s") % {"seconds": PATIENCE_SECONDS}
    except MachineShort:
        raise NoMemory from None
    except OverBudget:
        raise NotKnown from None
    except SandboxBusy:
        raise NoTurn from None
    except SandboxError as fault:
        return _("a test program could not be run: %(why)s") % {"why": str(fault)}
    finally:
        os.close(nothing)
    if outcome.ended is Ended.FINISHED and outcome.exit_status == 0:
        return None
    return _("a test program that does nothing ended as “%(how)s”") % {"how": outcome.ended}


async def still_waits() -> bool:
    """Ours, for its turn? A supervisor that does not say so has trouble of another kind."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            numbers = (await machine.owners(settings.IVLE_SANDBOX_SOCKET)).get(OWNER)
    except (SandboxError, TimeoutError):
        return False
    return numbers is not None and numbers["waiting"] > 0

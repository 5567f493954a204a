"""A run's end, as its keeper brings it about."""

from __future__ import annotations

import asyncio
import os

from sandbox.keeper import Keeper
from sandbox.outcome import Ended, Outcome
from tests.sandbox.fake_jail import PATIENCE_SECONDS, FakeJail


async def test_what_a_program_has_left_running_is_killed(fake_jail: FakeJail) -> None:
    """Who waits for the run is told at once; what the program has left is not waited for."""
    told: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
    Keeper(fake_jail.cell, told.set_result)
    fake_jail.be_born()
    fake_jail.say("parked")
    os.write(fake_jail.done, b"!")
    outcome = await asyncio.wait_for(told, PATIENCE_SECONDS)
    assert outcome is not None
    assert outcome.ended is Ended.FINISHED
    assert await fake_jail.was_killed()

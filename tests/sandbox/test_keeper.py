"""A run's end, as its keeper brings it about."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

from sandbox import keeper
from sandbox.keeper import Keeper, waited_seconds
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


async def test_who_ran_out_of_time_says_how_long_it_waited_for_a_processor(fake_jail: FakeJail, monkeypatch) -> None:
    told: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
    kept = Keeper(fake_jail.cell, told.set_result)
    fake_jail.be_born()
    fake_jail.say("parked")
    monkeypatch.setattr(keeper, "waited_seconds", lambda pids: 7.5)
    kept.stop(Ended.WALL)
    outcome = await asyncio.wait_for(told, PATIENCE_SECONDS)
    assert outcome is not None
    assert (outcome.ended, outcome.waited_seconds) == (Ended.WALL, 7.5)


def test_two_on_one_processor_wait_for_each_other() -> None:
    processor = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{processor}])\nwhile True: pass"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while min(waited_seconds([one.pid]) for one in both) < 0.2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        for one in both:
            one.kill()
            one.wait()
    assert waited_seconds([both[0].pid]) == 0.0

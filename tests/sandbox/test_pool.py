"""Which of the parked jails is handed out."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

from sandbox.limits import CGI
from sandbox.pool import Pool
from tests.sandbox.fake_jail import PATIENCE_SECONDS, FakeJail


async def test_a_spare_that_has_died_is_passed_over() -> None:
    """Even before its death was heard of: the event loop has had no turn since."""
    first, second = FakeJail(), FakeJail()
    pool = Pool(CGI, 2)
    for jail in (first, second):
        jail.be_born()
        jail.say("parked")
        pool.add(await asyncio.wait_for(jail.cell.parked, PATIENCE_SECONDS))
    first.holder.kill()
    os.waitid(os.P_PID, first.holder.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222  (it must not have a turn)
    assert not first.cell.is_dead
    assert pool.take(CGI) is second.cell
    assert pool.take(CGI) is None
    first.end()
    second.end()


async def test_who_asks_for_other_limits_once_leaves_the_spares_alone() -> None:
    jail = FakeJail()
    pool = Pool(CGI, 1)
    jail.be_born()
    jail.say("parked")
    pool.add(await asyncio.wait_for(jail.cell.parked, PATIENCE_SECONDS))
    assert pool.take(replace(CGI, cpu_seconds=2.0), follows=False) is None
    assert pool.take(CGI, follows=False) is jail.cell
    jail.end()

"""The supervisor's end of a jail that does not become ready."""

from __future__ import annotations

import asyncio
import os

import pytest

from sandbox import cell
from sandbox.faults import SandboxError
from tests.sandbox.fake_jail import PATIENCE_SECONDS, FakeJail


@pytest.fixture
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "PARKING_SECONDS", 0.01)


async def test_a_jail_that_never_parks_is_killed(short_deadline: None, fake_jail: FakeJail) -> None:
    fake_jail.be_born()
    with pytest.raises(SandboxError, match="in time"):
        await asyncio.wait_for(fake_jail.cell.parked, PATIENCE_SECONDS)
    assert await fake_jail.was_killed()


async def test_a_jail_that_is_born_too_late_is_killed(short_deadline: None, fake_jail: FakeJail) -> None:
    with pytest.raises(SandboxError, match="in time"):
        await asyncio.wait_for(fake_jail.cell.parked, PATIENCE_SECONDS)
    fake_jail.be_born()
    assert await fake_jail.was_killed()


async def test_a_jail_that_has_parked_is_waited_for(fake_jail: FakeJail) -> None:
    """For as long as nobody wants it."""
    fake_jail.be_born()
    fake_jail.say("parked")
    assert await asyncio.wait_for(fake_jail.cell.parked, PATIENCE_SECONDS) is fake_jail.cell
    assert fake_jail.cell.deadline.cancelled()


async def test_a_jail_of_which_not_all_arrives_is_killed(fake_jail: FakeJail) -> None:
    """The kernel leaves out what the supervisor cannot hold any more; nothing may go on that nobody can end."""
    fake_jail.cell.born(os.pidfd_open(fake_jail.holder.pid))
    with pytest.raises(SandboxError, match="no descriptor is left"):
        await asyncio.wait_for(fake_jail.cell.parked, PATIENCE_SECONDS)
    assert await fake_jail.was_killed()


async def test_a_jail_of_which_nothing_arrives_is_given_up(fake_jail: FakeJail) -> None:
    """It reads that its orders end, and ends."""
    fake_jail.cell.born()
    with pytest.raises(SandboxError, match="no descriptor is left"):
        await asyncio.wait_for(fake_jail.cell.parked, PATIENCE_SECONDS)
    assert fake_jail.cell.is_dead
    assert fake_jail.orders.recv(1) == b""

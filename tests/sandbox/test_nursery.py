"""What the nursery does when the machine gives it no zygote."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox import nursery, wire
from sandbox.cell import Cell
from sandbox.cgroups import Cgroups
from sandbox.faults import SandboxError
from sandbox.identity import Mode
from sandbox.launcher import Launch
from sandbox.limits import CGI
from sandbox.meter import Tier
from sandbox.nursery import Nursery
from sandbox.pool import Pool
from tests.sandbox.fake_jail import PATIENCE_SECONDS

LAUNCH = Launch("/nowhere", None, None, "/nowhere", "python", Mode.USER_NAMESPACE, 1000, 1000)


class Machine:
    """Starts a zygote that only says that it is ready; the first `failures` times it cannot start anything."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.zygotes: list[socket.socket] = []
        self.runtimes: list[str | None] = []  # of all that were started
        self.broken: set[str] = set()  # those whose interpreter crashes
        self.hanging: set[str] = set()  # those that never are ready
        self.pid = 0
        self.kills = 0

    def start(self, command: list[str], *, pass_fds: tuple[int], **_settings: Any) -> Machine:
        self.runtimes.append(Launch.from_text(command[-1]).runtime)
        if self.runtimes[-1] in self.broken:
            return self  # our end of its socket closes with the caller's
        if self.runtimes[-1] in self.hanging:
            self.zygotes.append(socket.socket(fileno=os.dup(pass_fds[0])))
            return self
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.zygotes.append(socket.socket(fileno=os.dup(pass_fds[0])))
        wire.say(self.zygotes[-1], "ready")
        return self

    def wait(self, _seconds: float | None = None) -> int:
        return 0

    def kill(self) -> None:
        self.kills += 1


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(failures=3)
    monkeypatch.setattr(subprocess, "Popen", machine.start)
    monkeypatch.setattr(nursery, "FIRST_PAUSE_SECONDS", 0.001)
    yield machine
    for zygote in machine.zygotes:
        zygote.close()


def not_open(states: Sequence[Path] = (), pool: Pool | None = None) -> Nursery:
    return Nursery(LAUNCH, Tier.SAMPLING, Cgroups(), [pool or Pool(CGI, 0)], str, lambda: states)


async def opened(states: Sequence[Path] = (), pool: Pool | None = None) -> Nursery:
    children = not_open(states, pool)
    await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
    return children


@pytest.fixture
async def hanging(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> tuple[Nursery, list[Path]]:
    """One runs; the next that begins is never ready. With the states, newest first."""
    monkeypatch.setattr(nursery, "BOOT_SECONDS", 0.02)
    machine.failures = 0
    states = [Path("/old")]
    children = await opened(states)
    states.insert(0, Path("/new"))
    machine.hanging = {"/new"}
    return children, states


async def test_a_zygote_that_cannot_be_started_is_tried_again(machine: Machine) -> None:
    """The machine is out of processes or descriptors for a moment."""
    children = await opened()
    assert children.zygote is not None
    assert len(machine.zygotes) == 1
    children.close()


async def test_one_that_cannot_be_replaced_is_tried_again(machine: Machine) -> None:
    """As at the start, so after a zygote has died; meanwhile nothing is raised in the event loop."""
    machine.failures = 0
    children = await opened()
    died = children.zygote
    assert died is not None
    machine.failures = 3
    died.die()
    await asyncio.wait_for(children.ready, PATIENCE_SECONDS)
    assert children.zygote is not died
    children.close()


async def test_a_spare_that_cannot_be_made_is_tried_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is out of descriptors for a moment, and nobody asks for a spare meanwhile."""
    machine.failures = 0
    failures = [OSError(errno.EMFILE, os.strerror(errno.EMFILE))] * 3
    made = asyncio.Event()

    def make_cell(*args: Any, **settings: Any) -> Cell:
        if failures:
            raise failures.pop()
        made.set()
        return Cell(*args, **settings)

    monkeypatch.setattr(nursery, "Cell", make_cell)
    children = await opened(pool=Pool(CGI, 1))
    await asyncio.wait_for(made.wait(), PATIENCE_SECONDS)
    children.close()


@pytest.mark.parametrize("replaced", [True, False])
async def test_a_spare_of_a_zygote_that_is_gone_by_now_is_nobodys(machine: Machine, replaced: bool) -> None:
    """Else a program would start in the state before, or its zygote would never end."""
    machine.failures = 0
    pool = Pool(CGI, 1)
    children = await opened(pool=pool)
    zygote = children.zygote
    assert zygote is not None
    [cell] = zygote.cells.values()
    if replaced:
        await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    else:
        children.retire()
    cell.parked.set_result(cell)
    await asyncio.sleep(0)
    assert cell.is_doomed
    assert cell not in pool.spares
    cell.bury()
    assert zygote.is_dead
    children.close()


async def test_another_state_stands_in_for_one_that_does_not_start(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    """A package that crashes Python where it got past the trial, say on another machine."""
    machine.failures = 0
    machine.broken = {"/new"}
    states = [Path("/new"), Path("/old")]
    children = await opened(states)
    assert machine.runtimes == ["/new", "/new", "/old"]
    assert "/new does not start; going on with /old" in capfd.readouterr().err
    children.close()


async def test_a_renewal_takes_the_place_of_the_one_there_is(machine: Machine) -> None:
    machine.failures = 0
    states = [Path("/old")]
    children = await opened(states)
    before = children.zygote
    states.insert(0, Path("/new"))
    await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    assert machine.runtimes == ["/old", "/new"]
    assert before is not None
    assert before.is_retired
    assert children.zygote is not before
    children.close()


async def test_a_renewal_that_does_not_start_leaves_the_one_there_is(machine: Machine) -> None:
    """Whoever asked is told; runs go on meanwhile, and never wait for it."""
    machine.failures = 0
    states = [Path("/old")]
    children = await opened(states)
    before = children.zygote
    states.insert(0, Path("/new"))
    machine.broken = {"/new"}
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    assert children.zygote is before
    assert before is not None
    assert not before.is_retired
    assert children.ready.done()
    children.close()


async def test_one_that_hangs_is_ended_and_the_state_before_stands_in(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What a package does when Python starts may never end. Once is enough to go on with what is known to start."""
    monkeypatch.setattr(nursery, "BOOT_SECONDS", 0.02)
    machine.failures = 0
    machine.hanging = {"/new"}
    states = [Path("/new"), Path("/old")]
    children = await opened(states)
    assert machine.runtimes == ["/new", "/old"]
    assert machine.kills == 1
    assert "was not ready in time" in capfd.readouterr().err
    children.close()


async def test_one_that_is_slow_is_waited_for_longer_each_time(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a machine under load would never have one."""
    monkeypatch.setattr(nursery, "BOOT_SECONDS", 0.02)
    machine.failures = 0
    machine.hanging = {"/only"}
    children = not_open([Path("/only")])
    begun = children.loop.time()
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
    assert machine.runtimes == ["/only"] * 3
    assert children.loop.time() - begun > 0.05 + 0.1 + 0.145  # the clock of timers is not exact
    children.close()


async def test_one_that_nobody_waits_for_has_more_time_and_another_chance(
    machine: Machine, hanging: tuple[Nursery, list[Path]]
) -> None:
    """Programs start in the one there is meanwhile, and a stand-in would be that for an hour."""
    children, _ = hanging
    begun = children.loop.time()
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    assert children.loop.time() - begun > 0.175
    again = children.loop.create_future()
    children.renewals.append(again)
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(again, PATIENCE_SECONDS)
    assert machine.runtimes[:3] == ["/old", "/new", "/new"]
    children.close()


async def test_one_that_somebody_begins_to_wait_for_has_less_time(
    machine: Machine, hanging: tuple[Nursery, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one there was has died while its successor hangs."""
    monkeypatch.setattr(nursery, "MOST_PATIENCE", 1e9)
    children, _ = hanging
    children.start_zygote()
    assert children.zygote is not None
    children.zygote.die()
    await asyncio.wait_for(children.ready, PATIENCE_SECONDS)
    assert machine.runtimes == ["/old", "/new", "/old"]
    children.close()


async def test_a_renewal_that_hangs_is_told_and_the_next_is_tried(
    machine: Machine, hanging: tuple[Nursery, list[Path]]
) -> None:
    children, states = hanging
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    states.insert(0, Path("/better"))
    await asyncio.wait_for(children.renew(), PATIENCE_SECONDS)
    assert machine.runtimes[-1] == "/better"
    assert children.successor is None
    children.close()


async def test_one_without_a_stand_in_is_tried_with_growing_pauses_and_told_of_once(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.failures = 0
    machine.broken = {"/only"}
    children = not_open([Path("/only")])
    with pytest.raises(SandboxError, match="cannot be started"):
        await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
    assert machine.runtimes == ["/only"] * 3
    assert children.pause_seconds == pytest.approx(0.008)  # as often doubled
    assert len(capfd.readouterr().err.splitlines()) == 1
    children.close()

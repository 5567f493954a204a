"""What the nursery does when the machine gives it no zygote."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import nursery, wire
from sandbox.cell import Cell
from sandbox.cgroups import Cgroups
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

    def start(self, _command: list[str], *, pass_fds: tuple[int], **_settings: Any) -> Machine:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.zygotes.append(socket.socket(fileno=os.dup(pass_fds[0])))
        wire.say(self.zygotes[-1], "ready")
        return self

    def wait(self, _seconds: float | None = None) -> int:
        return 0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(failures=3)
    monkeypatch.setattr(subprocess, "Popen", machine.start)
    monkeypatch.setattr(nursery, "FIRST_PAUSE_SECONDS", 0.001)
    yield machine
    for zygote in machine.zygotes:
        zygote.close()


async def test_a_zygote_that_cannot_be_started_is_tried_again(machine: Machine) -> None:
    """The machine is out of processes or descriptors for a moment."""
    children = Nursery(LAUNCH, Tier.SAMPLING, Cgroups(), [Pool(CGI, 0)], str)
    await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
    assert children.zygote is not None
    assert len(machine.zygotes) == 1
    children.close()


async def test_one_that_cannot_be_replaced_is_tried_again(machine: Machine) -> None:
    """As at the start, so after a zygote has died; meanwhile nothing is raised in the event loop."""
    machine.failures = 0
    children = Nursery(LAUNCH, Tier.SAMPLING, Cgroups(), [Pool(CGI, 0)], str)
    await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
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
    children = Nursery(LAUNCH, Tier.SAMPLING, Cgroups(), [Pool(CGI, 1)], str)
    await asyncio.wait_for(children.open(), PATIENCE_SECONDS)
    await asyncio.wait_for(made.wait(), PATIENCE_SECONDS)
    children.close()

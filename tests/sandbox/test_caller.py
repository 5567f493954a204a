"""One job's way to its turn and back, on a supervisor that is only said to be one."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox import wire
from sandbox.caller import Caller
from sandbox.counts import Counts
from sandbox.faults import OverBudget
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.turns import Turns

PATIENCE_SECONDS = 10.0
NO_DESCRIPTORS = OSError(errno.EMFILE, "Too many open files")


class Supervisor:
    """With one turn and no jail. Whoever begins waits for memory for ever, or meets what the test has in mind."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.turns: Turns[Caller] = Turns(1, 1, 9, 9)
        self.service_turns: Turns[Caller] = Turns(1, 1, 0, 0)
        self.callers: set[Caller] = set()
        self.counts = Counts()
        self.nursery = None
        self.faults: dict[str, Exception] = {}  # by whom they are met
        self.begun: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.connections: list[socket.socket] = []
        self.checks: Callable[[str], None] = lambda owner: None
        self.wait: Callable[[str], Coroutine[Any, Any, None]] = self.wait_for_ever
        admission = SimpleNamespace(admits=self.admits, wait=lambda owner: self.wait(owner))
        self.gate = SimpleNamespace(admission=admission, check=lambda owner, limits: self.checks(owner))

    def has_home(self, owner: str) -> bool:
        return True

    def admits(self, owner: str) -> bool:
        self.begun[owner].set()
        if owner in self.faults:
            raise self.faults[owner]
        return False

    async def wait_for_ever(self, owner: str) -> None:
        await asyncio.Event().wait()

    def ask(self, owner: str) -> socket.socket:
        theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        caller = Caller(theirs, self)  # type: ignore[arg-type]
        nothing = os.open(os.devnull, os.O_RDWR)
        wire.send(ours, {"kind": "run", **Job(owner, ("x",), "/", CGI).header()}, [nothing] * 4)
        os.close(nothing)
        caller.on_readable()
        self.connections.append(ours)
        return ours

    async def has_begun(self, owner: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.begun[owner].wait()


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    made = Supervisor()
    yield made
    for caller in list(made.callers):
        caller.leave()
    for connection in made.connections:
        connection.close()
    await asyncio.sleep(0)


async def answer(connection: socket.socket) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        packet = await asyncio.get_running_loop().sock_recv(connection, wire.MESSAGE_MAX_BYTES)
    return wire.parse(packet)


async def test_a_turn_that_cannot_begin_is_given_back(supervisor: Supervisor) -> None:
    """Or who has tried as often as they have turns, is shut out for ever."""
    supervisor.faults["ann"] = NO_DESCRIPTORS
    told = await answer(supervisor.ask("ann"))
    assert told["kind"] == "failed"
    assert "Too many open files" in told["text"]
    assert not supervisor.turns.running
    assert not supervisor.callers


async def test_a_question_that_cannot_be_answered_takes_no_turn(supervisor: Supervisor) -> None:
    def check(owner: str) -> None:
        raise NO_DESCRIPTORS

    supervisor.checks = check
    assert (await answer(supervisor.ask("ann")))["kind"] == "failed"
    assert not supervisor.turns.running
    assert not supervisor.callers


async def test_those_who_wait_are_called_whatever_becomes_of_one(supervisor: Supervisor) -> None:
    faults: list[Any] = []
    supervisor.loop.set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    supervisor.faults["bob"] = fault = RuntimeError("a mistake of ours")
    ann, bob, _ = (supervisor.ask(owner) for owner in ("ann", "bob", "cy"))
    ann.close()
    await supervisor.has_begun("bob")
    assert faults == [fault]
    bob.close()
    await supervisor.has_begun("cy")
    assert supervisor.turns.running == {"cy": 1}


async def test_who_goes_away_in_the_moment_of_being_called_loses_no_turn(supervisor: Supervisor) -> None:
    for owner in ("ann", "bob", "cy"):
        supervisor.ask(owner)
    callers = {caller.owner: caller for caller in supervisor.callers}
    callers["ann"].leave()
    callers["bob"].leave()
    await supervisor.has_begun("cy")
    assert "bob" not in supervisor.begun
    assert supervisor.turns.running == {"cy": 1}


async def test_hundreds_that_cannot_begin_are_all_told(supervisor: Supervisor) -> None:
    """One after the other: none within the one before."""
    supervisor.turns.most_waiting = 2000
    ann = supervisor.ask("ann")
    others = [f"other{number}" for number in range(400)]
    supervisor.faults = dict.fromkeys(others, NO_DESCRIPTORS)
    connections = [supervisor.ask(owner) for owner in others]
    ann.close()
    kinds = {(await answer(connection))["kind"] for connection in connections}
    assert kinds == {"failed"}
    assert not supervisor.turns.running


async def test_a_budget_is_looked_at_again_after_waiting(supervisor: Supervisor) -> None:
    passed = asyncio.Event()

    async def wait(owner: str) -> None:
        await passed.wait()

    def check(owner: str) -> None:
        if passed.is_set():
            raise OverBudget("Your programs use all.", 10, 0, "memory", 2, 1)

    supervisor.wait, supervisor.checks = wait, check
    connection = supervisor.ask("ann")
    await supervisor.has_begun("ann")
    passed.set()
    assert (await answer(connection))["kind"] == "over_budget"
    assert not supervisor.turns.running

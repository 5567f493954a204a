"""What was granted for one run is used if the program was started, whoever hangs up in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from accounts import extra_cpu
from accounts.extra_cpu import Taken
from console.long_run import start_with_what_was_granted
from sandbox.faults import SandboxBusy
from sandbox.job import Job
from sandbox.limits import CONSOLE

pytestmark = pytest.mark.django_db  # the thread that asks for a grant closes its connections
JOB = Job("student", ("/home/student/a.py",), "/home/student", CONSOLE)


class Pretended:
    """Has one grant."""

    def __init__(self) -> None:
        self.left = 1
        self.has_begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()

    def take(self, owner: str, file: str) -> Taken | None:
        self.has_begun.set()
        self.may_end.wait(10)
        if not self.left:
            return None
        self.left -= 1
        return Taken(3600.0, 1, date(2026, 5, 4))

    def give_back(self, taken: Taken) -> None:
        self.left += 1


class Starting:
    """Of a program, by a supervisor that answers when it is let."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.started: list[float] = []

    async def __call__(self, job: Job) -> Any:
        self.has_begun.set()
        await self.may_end.wait()
        if self.fault:
            raise self.fault
        self.started.append(job.limits.cpu_seconds - CONSOLE.cpu_seconds)


@pytest.fixture
def granter(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    pretended = Pretended()
    monkeypatch.setattr(extra_cpu, "granter", pretended)
    return pretended


async def hang_up(start: Starting, when: Awaitable[Any], then: Callable[[], None]) -> None:
    asking = asyncio.ensure_future(start_with_what_was_granted(JOB, "a.py", start))
    async with asyncio.timeout(10):
        await when
        asking.cancel()
        await asyncio.sleep(0)
        then()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_who_hangs_up_while_it_is_started_has_used_it(granter: Pretended) -> None:
    start = Starting()
    await hang_up(start, start.has_begun.wait(), start.may_end.set)
    assert (start.started, granter.left) == ([3600.0], 0)
    await start_with_what_was_granted(JOB, "a.py", start)
    assert start.started == [3600.0, 0.0]


async def test_who_hangs_up_while_it_is_taken_has_started_it(granter: Pretended) -> None:
    start = Starting()
    start.may_end.set()
    granter.may_end.clear()
    await hang_up(start, asyncio.to_thread(granter.has_begun.wait, 10), granter.may_end.set)
    assert (start.started, granter.left) == ([3600.0], 0)


async def test_what_is_refused_after_they_hung_up_is_given_back(granter: Pretended) -> None:
    start = Starting(SandboxBusy("It is full.", 1))
    await hang_up(start, start.has_begun.wait(), start.may_end.set)
    assert (start.started, granter.left) == ([], 1)


async def test_what_is_refused_is_given_back_and_said(granter: Pretended) -> None:
    start = Starting(SandboxBusy("It is full.", 1))
    start.may_end.set()
    with pytest.raises(SandboxBusy):
        await start_with_what_was_granted(JOB, "a.py", start)
    assert granter.left == 1


async def test_a_fault_of_ours_gives_nothing_back(granter: Pretended) -> None:
    """It may have been started."""
    start = Starting(RuntimeError())
    start.may_end.set()
    with pytest.raises(RuntimeError):
        await start_with_what_was_granted(JOB, "a.py", start)
    assert granter.left == 0

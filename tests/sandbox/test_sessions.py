"""Which consoles there may be, before any has a jail."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.counts import Counts
from sandbox.faults import OverBudget, SandboxBusy
from sandbox.limits import CONSOLE
from sandbox.session_info import Size
from sandbox.sessions import Sessions, Start
from sandbox.standing import with_reserve
from sandbox.supervisor import Supervisor

MOST = 20


class Gate:
    """The lecturer goes first; everybody waits for memory, and meanwhile their other programs grow."""

    def __init__(self) -> None:
        self.census = SimpleNamespace(goes_first=lambda owner: owner == "lecturer")
        self.admission = self
        self.has_waited = False

    def admits(self, owner: str) -> bool:
        return False

    async def wait(self, owner: str) -> None:
        await asyncio.sleep(0)
        self.has_waited = True

    def check(self, owner: str, limits: Any) -> None:
        if self.has_waited:
            raise OverBudget("Your programs use all.", 10, 0, "memory", 2, 1)


@pytest.fixture
async def sessions() -> Sessions:
    return Sessions(lambda *which: None, Gate(), Counts(), MOST, 8)  # type: ignore[arg-type,return-value]


async def test_who_goes_first_may_open_some_more(sessions: Sessions) -> None:
    for number in range(MOST):
        sessions.by_id[str(number)] = SimpleNamespace(owner=f"student{number}")  # type: ignore[assignment]
    with pytest.raises(SandboxBusy, match="20 consoles are open"):
        sessions.check_numbers("student")
    sessions.check_numbers("lecturer")
    for number in range(MOST, with_reserve(MOST, goes_first=True)):
        sessions.by_id[str(number)] = SimpleNamespace(owner=f"lecturer{number}")  # type: ignore[assignment]
    with pytest.raises(SandboxBusy):
        sessions.check_numbers("lecturer")


async def test_a_budget_is_looked_at_again_after_waiting(sessions: Sessions) -> None:
    start = Start("ann", CONSOLE, "standard", "python", os.open(os.devnull, os.O_RDONLY))
    with pytest.raises(OverBudget):
        await sessions.open("one", start, Size(24, 80), {})
    assert not sessions.by_id


async def test_an_end_that_was_called_off_is_not_told_of(sessions: Sessions) -> None:
    told: list[tuple[str, Any]] = []
    watcher: Any = SimpleNamespace(tell=lambda *what: told.append(what))
    sessions.announce_end(30)
    sessions.on_attached(watcher)
    [(event, about)] = told
    assert (event, 0 < about["seconds"] <= 30) == ("ending", True)
    sessions.announce_end(0)  # and no stop follows
    sessions.on_attached(watcher)
    assert len(told) == 1


@pytest.mark.parametrize(("since_seconds", "is_told_again"), [(None, True), (-5, False), (80, False), (100, True)])
async def test_people_are_told_of_an_end_again_where_the_one_before_was_called_off(
    sessions: Sessions, since_seconds: float | None, *, is_told_again: bool
) -> None:
    told: list[tuple[str, Any]] = []
    sessions.by_id["one"] = SimpleNamespace(tell=lambda *what: told.append(what))  # type: ignore[assignment]
    if since_seconds is not None:
        sessions.end_at = sessions.loop.time() - since_seconds
    supervisor: Any = SimpleNamespace(
        configuration=SimpleNamespace(farewell_seconds=10.0), sessions=sessions, callers=set(), loop=sessions.loop,
        close_door=lambda: None,
    )  # fmt: skip
    asked_again = asyncio.Event()
    asked_again.set()
    await Supervisor.let_end(supervisor, asked_again)
    assert told == [("ending", {"seconds": 10.0})] * is_told_again

"""A console whose policy is unique ends with its watcher, unless that one comes back."""

from __future__ import annotations

import asyncio

import pytest

from console import departing
from sandbox.consoles import WatcherInfo
from sandbox.faults import SandboxError
from tests.console.conftest import about, story


@pytest.fixture(autouse=True)
def no_grace(monkeypatch) -> None:
    monkeypatch.setattr(departing, "GRACE_SECONDS", 0)


def depart(info) -> None:
    async def departing_and_waiting() -> None:
        departing.note_departure(info)
        await asyncio.gather(*departing._waiting)

    story(departing_and_waiting)


def test_it_ends(sandbox) -> None:
    depart(sandbox.add(about=about(policy="unique")))
    assert sandbox.ended == ["s1"]


@pytest.mark.parametrize("policy", ["named", "single"])
def test_others_stay(sandbox, policy) -> None:
    depart(sandbox.add(about=about(policy=policy)))
    assert not sandbox.ended


def test_while_somebody_watches_it_stays(sandbox) -> None:
    depart(sandbox.add(about=about(policy="unique"), watchers=(WatcherInfo("a", "student", True),)))
    assert not sandbox.ended


def test_the_sandbox_is_away(sandbox) -> None:
    info = sandbox.add(about=about(policy="unique"))
    sandbox.fault = SandboxError("away")
    depart(info)

"""A console whose policy is unique ends with its watcher, unless that one comes back."""

from __future__ import annotations

import pytest

from console import departing
from sandbox.consoles import WatcherInfo
from sandbox.faults import SandboxError
from tests.console.conftest import about, story


@pytest.fixture(autouse=True)
def no_grace(monkeypatch) -> None:
    monkeypatch.setattr(departing, "GRACE_SECONDS", 0)


def depart(info) -> None:
    departing.note_departure(info)
    story(departing.end_deserted)


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


def test_the_sandbox_is_away_and_comes_back(sandbox) -> None:
    info = sandbox.add(about=about(policy="unique"))
    sandbox.fault = SandboxError("away")
    depart(info)
    assert not sandbox.ended
    sandbox.fault = None
    story(departing.end_deserted)
    assert sandbox.ended == ["s1"]


def test_not_before_its_time(sandbox, monkeypatch) -> None:
    monkeypatch.setattr(departing, "GRACE_SECONDS", 20)
    depart(sandbox.add(about=about(policy="unique")))
    assert not sandbox.ended


def test_one_that_is_gone_is_forgotten(sandbox) -> None:
    info = sandbox.add(about=about(policy="unique"))
    del sandbox.sessions[info.id]
    depart(info)
    assert list(departing.folder().iterdir()) == []

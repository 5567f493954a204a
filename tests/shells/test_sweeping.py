"""Shells whose page has gone without a word, whose time is up, or that may not be any more, are ended by the warden."""

from __future__ import annotations

import time

import pytest

from ivle.management.commands.warden import DUTIES
from sandbox.consoles import WatcherInfo
from sandbox.faults import SandboxError
from sandbox.outcome import Ended, Outcome
from shells import rates, sweeping, switch
from shells.models import Start
from tests.console.conftest import story
from tests.shells.conftest import started

THERE = (WatcherInfo("page", "guest", True),)


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(sweeping.time, "monotonic", lambda: now[0])
    return now


def sweep() -> None:
    story(sweeping.sweep)


def test_a_page_that_is_there_stays(guests, clock) -> None:
    started(guests, watchers=THERE, started=time.time())
    for _ in range(10):
        sweep()
        clock[0] += sweeping.GRACE_SECONDS
    assert not guests.ended


def test_one_that_has_gone_does_not(guests, clock) -> None:
    mine = started(guests, started=time.time())
    sweep()
    clock[0] += sweeping.GRACE_SECONDS - 0.1
    sweep()
    assert not guests.ended
    clock[0] += 0.1
    sweep()
    assert guests.ended == [mine.session_id]


def test_one_that_comes_back_has_all_the_time_again(guests, clock) -> None:
    mine = started(guests, started=time.time())
    sweep()
    clock[0] += sweeping.GRACE_SECONDS - 1
    started(guests, mine, watchers=THERE, started=time.time())
    sweep()
    started(guests, mine, started=time.time())
    clock[0] += 2
    sweep()
    assert not guests.ended


def test_one_whose_time_is_up(guests) -> None:
    mine = started(guests, watchers=THERE, started=time.time() - 20 * 60)
    sweep()
    assert guests.ended == [mine.session_id]


def test_one_whose_program_is_over_and_whose_page_is_gone(guests) -> None:
    mine = started(guests, outcome=Outcome(Ended.WALL, None, None, 0.0, 300.0, None), started=time.time())
    sweep()
    assert guests.ended == [mine.session_id]


def test_all_of_them_once_they_are_switched_off(guests) -> None:
    """Also what another web process was about to start then, and on another machine."""
    mine = started(guests, watchers=THERE, started=time.time())
    switch.Switch.objects.update(is_on=False)
    sweep()
    assert guests.ended == [mine.session_id]


def test_people_are_left_alone(guests, clock) -> None:
    guests.add(started=0.0)
    switch.Switch.objects.update(is_on=False)
    for _ in range(3):
        sweep()
        clock[0] += 100
    assert not guests.ended


def test_without_a_sandbox_there_is_nothing_to_do(guests) -> None:
    guests.fault = SandboxError("away")
    sweep()


def test_starts_are_forgotten_after_an_hour(guests) -> None:
    rates.note_start("new", "somewhere")
    old = Start.objects.create(number="old", address="somewhere")
    Start.objects.filter(pk=old.pk).update(at=old.at - rates.HOUR)
    story(sweeping.forget)
    assert [start.number for start in Start.objects.all()] == ["new"]


def test_the_warden_does_both() -> None:
    assert {sweeping.sweep, sweeping.forget} <= {duty.run for duty in DUTIES}

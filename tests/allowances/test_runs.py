"""What was granted for one run: the console of that program has it, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts import extra_cpu
from accounts.extra_cpu import Taken
from allowances import asking, changing, deciding
from allowances.meter import meter_of
from allowances.models import CpuDay, CpuRequest, What
from allowances.templatetags.cpu import share
from console.policies import TooMany
from console.programs import Program
from console.starting import open_console
from sandbox import consoles
from sandbox.faults import SandboxBusy

FILE = "lab/simulate.py"


@pytest.fixture
def granted(student, tutor, course):
    request = asking.ask(student, What.RUN, 600, "It is long", course, f"./{FILE}")
    return deciding.grant(tutor, request.pk)


@pytest.fixture
def start(student, settings, monkeypatch):
    """start("a.py"): the CPU that the console of it may use."""
    folder = settings.IVLE_HOMES / "student" / "lab"
    folder.mkdir(parents=True)
    for name in ("simulate.py", "other.py"):
        (folder / name).touch()
    started = []

    async def nothing_there(socket, owner):
        return []

    async def note(socket, session_id, job, size, about):
        started.append(job.limits.cpu_seconds)
        if start.is_full:
            raise SandboxBusy("It is full.", 1)

    monkeypatch.setattr(consoles, "list_sessions", nothing_there)
    monkeypatch.setattr(consoles, "open_session", note)

    def start(file: str) -> float:
        async_to_sync(open_console)("student", Program(file=file))
        return started[-1]

    start.is_full = False
    return start


def test_that_program_has_it_once(student, granted, start) -> None:
    assert start("lab/other.py") == 60
    assert start("") == 60
    assert start(FILE) == 660
    assert start(FILE) == 60
    assert meter_of(student).allowed_seconds == 3600 + 600


def test_what_is_not_started_does_not_use_it_up(student, granted, start) -> None:
    start.is_full = True
    with pytest.raises(TooMany):
        start(FILE)
    assert meter_of(student).allowed_seconds == 3600
    start.is_full = False
    assert start(FILE) == 660


def taken() -> Taken:
    found = extra_cpu.granter.take("student", FILE)
    assert found is not None
    return found


def test_it_is_given_back_to_the_day_that_it_was_taken_from(student, granted) -> None:
    one = taken()
    before = one.day - timedelta(days=1)  # it was taken before a new day began
    CpuDay.objects.update(day=before)
    extra_cpu.granter.give_back(replace(one, day=before))
    assert meter_of(student).allowed_seconds == 3600
    assert CpuDay.objects.get(day=before).granted_seconds == 0
    assert taken().cpu_seconds == 600


def test_what_is_given_back_is_given_back_once(student, granted) -> None:
    one = taken()
    for _again in range(2):
        extra_cpu.granter.give_back(one)
    assert meter_of(student).allowed_seconds == 3600
    assert taken() == one


def test_nobody_has_less_than_nothing_granted(student) -> None:
    day = changing.give(student, 60)
    changing.take_away(student, day, 600)
    assert CpuDay.objects.get().granted_seconds == 0


def test_of_nothing_all_is_used(student) -> None:
    """What a row of an earlier version may say."""
    assert share(replace(meter_of(student), allowed_seconds=0.0)) == "1.000"


def test_nobody_else_has_it(granted, classmate) -> None:
    assert extra_cpu.granter.take("classmate", FILE) is None


def test_it_waits_a_week(student, granted) -> None:
    CpuRequest.objects.update(decided=timezone.now() - timedelta(days=7))
    assert extra_cpu.granter.take("student", FILE) is None


@pytest.mark.parametrize("program", [FILE, f"/{FILE}", f"~/{FILE}", "lab//simulate.py ", "lab/../lab/./simulate.py"])
def test_a_file_has_many_names(student, tutor, course, program) -> None:
    deciding.grant(tutor, asking.ask(student, What.RUN, 600, "It is long", course, program).pk)
    assert taken().cpu_seconds == 600

"""The warden's duty: what a supervisor says is written down, and it is told how people stand. Pretended, then real."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError

from accounts.models import Person
from allowances import changing, counting, watching
from allowances.watching import Watch
from sandbox import client, people
from sandbox.faults import SandboxError
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.people import MachineUsage, PersonUsage
from sandbox.standing import Standing
from tests.sandbox.installation import BEST, CannotIsolate, Installation, Kind


@dataclass
class Pretended:
    """A supervisor. `absent` had programs more than ten minutes ago."""

    boot: str = "a"
    counted: dict[str, float] = field(default_factory=dict)
    absent: dict[str, float] = field(default_factory=dict)
    told: list[dict[str, Standing]] = field(default_factory=list)
    fault: Exception | None = None
    asked: list[bool] = field(default_factory=list)  # for everybody?

    async def usage(self, socket: object, *, everyone: bool = False) -> MachineUsage:
        self.asked.append(everyone)
        if self.fault:
            raise self.fault
        counted = self.counted | (self.absent if everyone else {})
        found = {owner: PersonUsage("student", seconds, 0, 0, 0) for owner, seconds in counted.items()}
        return MachineUsage(self.boot, found, {}, 0, 0.0)

    async def standings_told(self, socket: object, standings: Mapping[str, Standing]) -> None:
        self.told.append(dict(standings))


@pytest.fixture
def supervisor(monkeypatch) -> Pretended:
    pretended = Pretended()
    monkeypatch.setattr(people, "usage", pretended.usage)
    monkeypatch.setattr(people, "standings_told", pretended.standings_told)
    return pretended


@pytest.fixture
def look() -> Callable[[], None]:
    return async_to_sync(Watch().look)


def test_it_tells_what_has_changed_and_nothing_else(supervisor, look, student, lecturer) -> None:
    for _again in range(3):
        look()
    assert [{owner: one.kind for owner, one in told.items()} for told in supervisor.told] == [{"lecturer": "staff"}]
    changing.put_into_tarpit(student, None)
    look()
    assert {owner: one.kind for owner, one in supervisor.told[-1].items()} == {
        "lecturer": "staff",
        "student": "tarpit",
    }
    assert len(supervisor.told) == 2


def test_a_supervisor_that_begins_anew_is_told_anew(supervisor, look, lecturer) -> None:
    look()
    supervisor.boot = "b"
    look()
    assert len(supervisor.told) == 2


def test_it_tells_again_after_a_while(supervisor, look, lecturer, monkeypatch) -> None:
    look()
    monkeypatch.setattr(watching, "AGAIN_SECONDS", 0.0)
    look()
    assert len(supervisor.told) == 2


def test_who_is_over_is_told_at_the_next_look(supervisor, look, student, settings) -> None:
    settings.IVLE_ALLOWANCE_STUDENT_SECONDS = 10
    supervisor.counted = {"student": 9.0}
    look()
    assert supervisor.told == [{}]
    supervisor.counted = {"student": 10.0}
    look()
    assert supervisor.told[-1]["student"].kind == "tarpit"


def test_a_new_warden_asks_of_those_who_have_nothing_running_any_more(supervisor, student, sums) -> None:
    supervisor.absent = {"student": 5.0}
    async_to_sync(Watch().look)()
    assert sums(student) == [5.0]


def test_after_a_fault_it_asks_of_everybody_again(supervisor, look, student, sums, monkeypatch) -> None:
    look()
    supervisor.fault = SandboxError("not there")
    look()
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(SandboxError):
        look()
    supervisor.fault, supervisor.absent = None, {"student": 5.0}
    with monkeypatch.context() as patch:
        patch.setattr(counting, "add", broken)
        with pytest.raises(DatabaseError):
            look()
    assert sums(student) == []
    look()
    assert sums(student) == [5.0]


def test_while_nothing_can_be_written_everybody_is_not_asked_for(supervisor, look, student, sums, monkeypatch) -> None:
    look()
    with monkeypatch.context() as patch:
        patch.setattr(counting, "add", broken)
        for seconds in (1.0, 2.0, 3.0):
            supervisor.counted = {"student": seconds}
            with pytest.raises(DatabaseError):
                look()
    for _again in range(2):
        look()
    assert supervisor.asked == [False, True, *[False] * 3, False, True, False]
    assert sums(student) == [3.0]


def broken(*_about: object) -> None:
    raise DatabaseError


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    try:
        started = Installation(Kind("for allowances", BEST.wants_root, BEST.steps_down, {"spares": 1}))
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield started
    started.end()


BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"


async def run(installation: Installation, owner: str, code: str) -> None:
    path = installation.homes / owner / "busy.py"
    path.write_text(code)
    path.chmod(0o644)
    job = Job(owner, (f"/home/{owner}/busy.py",), f"/home/{owner}", CGI)
    silence = os.open(os.devnull, os.O_RDWR)
    try:
        async with client.start(installation.socket, job, silence, silence, silence) as under_way:
            await under_way.outcome()
    finally:
        os.close(silence)


def test_a_program_s_cpu_reaches_its_owner_s_day(installation, db, settings, sums, look) -> None:
    settings.IVLE_SANDBOX_SOCKET = installation.socket
    settings.IVLE_ALLOWANCE_STUDENT_SECONDS = 1
    owner, _home = installation.add_home()
    person = Person.objects.create_user(owner, "ivle")
    for times in (1, 2, 3, 4):
        async_to_sync(run)(installation, owner, BUSY)
        look()
        assert sums(person) == [pytest.approx(0.35 * times, abs=0.1 * times)]
    usage = async_to_sync(people.usage)(installation.socket)
    assert usage.people[owner].kind == "tarpit"
    changing.take_out_of_tarpit(person, None)
    look()
    assert async_to_sync(people.usage)(installation.socket).people[owner].kind == "student"

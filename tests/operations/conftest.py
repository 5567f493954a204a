"""A supervisor that answers, a warden that was just here; a small data folder with a database, and its backups."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import Person
from courses.models import Course, Edition
from marks.models import Attempt, State
from operations import heartbeat, marking_queue, readiness
from operations.backups import making, restoring, snapshot
from operations.backups.making import Made
from operations.glance import glance
from tests.operations.supervisor import AnsweringSupervisor


@pytest.fixture(autouse=True)
def _asked_here_and_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread of its own would see nothing of a test's transaction; and nothing seen by the last test counts."""
    for question in (readiness.database, marking_queue.question):
        monkeypatch.setattr(question, "answer", sync_to_async(question.ask))
    glance.forget()
    yield
    glance.forget()


@pytest.fixture
def supervisor(settings) -> Iterator[AnsweringSupervisor]:
    with AnsweringSupervisor(settings) as supervisor:
        heartbeat.place().touch()
        yield supervisor


@pytest.fixture
def attempt(course: Course, student: Person) -> Callable[..., Attempt]:
    """attempt(State.WAITING, minutes=10) was handed in ten minutes ago."""
    edition = Edition.objects.create(course=course, number=1, by=student)
    numbers = itertools.count(1)

    def hand_in(state: str, *, minutes: int) -> Attempt:
        return Attempt.objects.create(
            course=course,
            person=student,
            exercise=f"exercise{next(numbers)}",
            number=1,
            edition=edition,
            files={},
            digest="",
            submitted=timezone.now() - timedelta(minutes=minutes),
            state=state,
            report={} if state == State.MARKED else None,
        )

    return hand_in


@pytest.fixture(autouse=True)
def database_of_the_test(settings, monkeypatch) -> None:
    """Backups are never of the database that a site in this checkout has."""
    monkeypatch.setattr(snapshot, "path", lambda: settings.IVLE_DATA / "db.sqlite3")


@pytest.fixture
def data(settings, tmp_path, monkeypatch) -> Path:
    """IVLE_DATA with a database of one table, that of migrations."""
    point_at(settings, tmp_path / "data")
    home = settings.IVLE_HOMES / "student"
    home.mkdir(parents=True)
    for name in ("trash/student", "versions/student", "courses/1", "run", "uploads/student"):
        (settings.IVLE_DATA / name).mkdir(parents=True)
    with closing(sqlite3.connect(settings.IVLE_DATA / "db.sqlite3")) as database:
        database.execute("CREATE TABLE people (name)")
        database.execute("INSERT INTO people VALUES ('Sam')")
        database.execute("PRAGMA journal_mode=WAL")
        database.commit()
    monkeypatch.setattr(snapshot, "migrations_applied", lambda: ("accounts.0001_initial",))
    return settings.IVLE_DATA


def point_at(settings, data: Path) -> None:
    settings.IVLE_DATA = data
    settings.IVLE_HOMES = data / "homes"
    settings.IVLE_SANDBOX_SOCKET = data / "run" / "sandbox.sock"


@pytest.fixture
def home(data) -> Path:
    return data / "homes" / "student"


@pytest.fixture
def place(tmp_path) -> Path:
    """Where the backup is."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "one.tar.gz"


@pytest.fixture
def back_up(data, place) -> Callable[[], Made]:
    return lambda: making.make_file(place)


@pytest.fixture
def restored(back_up, place, settings, tmp_path) -> Callable[[], Path]:
    """restored() is the home of the student, backed up and put into another data folder."""

    def act() -> Path:
        back_up()
        point_at(settings, tmp_path / "new")
        with place.open("rb") as stream:
            restoring.restore(stream)
        return tmp_path / "new" / "homes" / "student"

    return act


@pytest.fixture
def no_leftovers(place):
    """Nothing unfinished is left beside the backup."""
    yield
    assert [path for path in place.parent.iterdir() if path.name.startswith(".")] == []


def tree_of(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """All that is worth keeping of what is below a folder."""
    found: dict[bytes, tuple[object, ...]] = {}
    for at, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            path = os.path.join(at, name)
            status = os.lstat(path)
            content: object = ""
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                content = Path(os.fsdecode(path)).read_bytes()
            key = os.path.relpath(path, os.fsencode(folder))
            found[key] = (oct(status.st_mode), status.st_mtime_ns, status.st_uid, content)
    return found

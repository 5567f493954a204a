"""A class that hands in at once: let in by turns, the marker is called, who waits is told as soon as there is news."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.test import RequestFactory

from marks import calling, tickets, watching
from marks.door import AT_ONCE, Door
from marks.models import State
from tests.marks.conftest import exercise

NEVER = 60.0


@pytest.fixture
def ear(tmp_path, settings) -> Iterator[calling.Ear]:
    settings.IVLE_SANDBOX_SOCKET = tmp_path / "sandbox.sock"
    ear = calling.Ear()
    yield ear
    ear.socket.close()


@pytest.fixture(autouse=True)
def readers_refused_by_nobody() -> Iterator[None]:
    """The tests' SQLite is in memory, where whoever reads would be refused while another thread writes. What threads of
    event loops that are over have opened is closed."""
    theirs: list[BaseDatabaseWrapper] = []

    def ask(connection: BaseDatabaseWrapper, **_about: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            theirs.append(connection)
        if connection.vendor == "sqlite":
            connection.cursor().execute("PRAGMA read_uncommitted = 1")

    connection_created.connect(ask)
    yield
    connection_created.disconnect(ask)
    for connection in theirs:
        connection.inc_thread_sharing()
        connection.close()


# --- The door ---


SOON = 0.3  # long enough for a thread that nobody holds back


@pytest.mark.parametrize(
    ("path", "most"), [("/api/exercises/intro/hello/submit", AT_ONCE), ("/api/exercises/intro/hello/check", 6)]
)
def test_so_many_hand_in_at_once(path: str, most: int) -> None:
    entered, gate = threading.Semaphore(0), threading.Event()

    def get_response(request) -> HttpResponse:
        entered.release()
        gate.wait(NEVER)
        return HttpResponse()

    door = Door(get_response)
    threads = [threading.Thread(target=door, args=(RequestFactory().post(path),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert all(entered.acquire(timeout=NEVER) for _ in range(most))
    assert not entered.acquire(timeout=SOON)
    gate.set()
    assert all(entered.acquire(timeout=NEVER) for _ in range(6 - most))
    for thread in threads:
        thread.join(NEVER)


def test_who_fails_leaves_the_door_open() -> None:
    def get_response(request) -> HttpResponse:
        raise RuntimeError

    door = Door(get_response)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            door(RequestFactory().post("/api/exercises/intro/hello/submit"))


# --- The call ---


@pytest.mark.django_db(transaction=True)
def test_what_is_handed_in_calls_the_marker(ear, publish, hand_in, examiner, student) -> None:
    publish(exercise())
    with transaction.atomic():
        hand_in(student, "1")
        assert not ear.wait(0)
    assert ear.wait(0)
    assert not ear.wait(0)


def test_calls_while_nobody_listens(ear) -> None:
    for _ in range(1000):  # more than a socket holds
        calling.call()
    assert ear.wait(0)
    assert not ear.wait(0)
    ear.socket.close()
    calling.call()
    calling.place().unlink()
    calling.call()


# --- Waiting ---


@pytest.mark.django_db(transaction=True)
def test_it_is_told_when_there_is_something_new(publish, hand_in, examiner, work, student) -> None:
    publish(exercise())
    attempt = hand_in(student, "1 2")

    async def wait() -> bool:
        watch = watching.Watch()
        waiting = asyncio.create_task(watch.wait(attempt.pk, watching.news_of(attempt), NEVER))
        await asyncio.sleep(0)
        await asyncio.to_thread(work)
        return await waiting

    assert asyncio.run(wait())


def test_a_database_that_refuses_for_a_moment_is_asked_again(monkeypatch) -> None:
    answers: list[dict[int, watching.News] | OperationalError] = [OperationalError("locked"), {7: ("marked",)}]

    def look(_pks: object) -> dict[int, watching.News]:
        answer = answers.pop(0)
        if isinstance(answer, OperationalError):
            raise answer
        return answer

    monkeypatch.setattr(watching, "look", look)
    assert asyncio.run(watching.Watch().wait(7, ("waiting",), NEVER))


@pytest.mark.django_db(transaction=True)
def test_what_happened_before_is_told_at_once(publish, hand_in, examiner, work, student) -> None:
    publish(exercise())
    attempt = hand_in(student, "1 2")
    work()
    assert asyncio.run(watching.Watch().wait(attempt.pk, watching.news_of(attempt), NEVER))


@pytest.mark.django_db(transaction=True)
def test_nothing_new_and_too_many(publish, hand_in, examiner, student) -> None:
    publish(exercise())
    attempt = hand_in(student, "1 2")
    news = watching.news_of(attempt)

    async def wait() -> None:
        watch = watching.Watch()
        assert not await watch.wait(attempt.pk, news, 0.01)
        assert watch.waiting == {}
        others = [asyncio.create_task(watch.wait(attempt.pk, news, NEVER)) for _ in range(watching.WAITING_MAX)]
        await asyncio.sleep(0)
        assert not await watch.wait(attempt.pk, news, NEVER)
        for other in others:
            other.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        assert watch.waiting == {}

    asyncio.run(asyncio.wait_for(wait(), 20))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("wait", "status"), [("5", 200), ("0", 200), ("21", 422), ("-1", 422), ("nan", 422)])
def test_by_the_api(publish, hand_in, examiner, work, student, script_of, wait: str, status: int) -> None:
    publish(exercise())
    hand_in(student, "1 2")
    work()
    answer = script_of(student).get("intro/hello/attempts/1", wait=wait)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["state"] == State.MARKED


def test_a_ticket_is_issued_with_the_call(ear, db, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tickets.issue()
    assert ear.wait(0)

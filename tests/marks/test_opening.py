"""Exercises are there while a tutorial that has them can be read: by page, by call, in progress; for each role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from courses.models import Edition
from tests.marks.conftest import exercise

HOUR = timedelta(hours=1)
STAFF = ("tutor", "lecturer", "administrator")
ROLES = ("student", *STAFF)
STATES = ("hidden", "early", "open", "over")


def part(name: str, *exercises: str, opens=None, closes=None, hidden=False) -> dict:
    moments = {key: at.isoformat() if at else None for key, at in (("opens", opens), ("closes", closes))}
    return {"name": name, "title": name.title(), "hidden": hidden, "exercises": list(exercises), **moments}


def in_state(state: str, name: str = "one", *exercises: str) -> dict:
    now = timezone.now()
    about = {"hidden": {"hidden": True}, "early": {"opens": now + HOUR}, "over": {"closes": now - HOUR}}
    return part(name, *(exercises or ("hello",)), **about.get(state, {}))


def outline(edition: Edition, *parts: dict) -> None:
    edition.outline = list(parts)
    edition.save()


@pytest.fixture
def class_of(course, tutor, student, stranger, administrator, examiner):
    return course


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_pages_and_calls(request, class_of, publish, client_of, script_of, role: str, state: str) -> None:
    outline(publish(exercise()), in_state(state))
    person = request.getfixturevalue(role)
    sees = role in STAFF or (role == "student" and state in ("open", "over"))
    works = 404 if not sees else 409 if state == "over" else 201
    script = script_of(person)
    assert client_of(person).get("/courses/intro/exercises/hello/").status_code == (200 if sees else 404)
    assert script.get("intro/hello").status_code == (200 if sees else 404)
    assert script.post("intro/hello/run", files={}).status_code == (200 if sees else 404)
    assert script.post("intro/hello/check", files={}).status_code == (200 if sees else 404)
    assert script.post("intro/hello/submit", files={"hello.py": role}).status_code == works


@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_open_yet_is_not_in_the_progress(request, class_of, publish, client_of, role: str) -> None:
    edition = publish(exercise(), exercise("secret", title="The secret one"))
    outline(edition, in_state("open"), in_state("hidden", "two", "secret"))
    page = client_of(request.getfixturevalue(role)).get("/courses/intro/progress/").content.decode()
    assert ("The secret one" in page) == (role in STAFF)
    assert "Hello" in page


def test_what_is_not_open_yet_counts_nothing(class_of, publish, hand_in, work, client_of, student) -> None:
    edition = publish(exercise(), exercise("secret"))
    outline(edition, in_state("open"), in_state("early", "two", "secret"))
    hand_in(student, "1 2")
    work()
    assert "100 % of all points" in client_of(student).get("/courses/intro/progress/").content.decode()


def test_points_stay_in_the_progress_when_the_tutorial_is_hidden(
    class_of, publish, hand_in, work, client_of, student
) -> None:
    edition = publish(exercise())
    hand_in(student, "1")
    work()
    outline(edition, in_state("hidden"))
    page = client_of(student).get("/courses/intro/progress/").content.decode()
    assert "Hello" in page
    assert "/exercises/hello/" not in page


def test_one_tutorial_that_is_open_is_enough(class_of, publish, script_of, student) -> None:
    outline(publish(exercise()), in_state("hidden", "one"), in_state("over", "two"), in_state("open", "three"))
    assert script_of(student).post("intro/hello/submit", files={"hello.py": "1"}).status_code == 201


def test_an_exercise_of_no_tutorial_is_open(class_of, publish, script_of, student) -> None:
    outline(publish(exercise()), in_state("hidden", "one", "another"))
    assert script_of(student).get("intro/hello").status_code == 200


def test_why_nothing_is_taken_after_the_tutorial_closed(class_of, publish, script_of, student) -> None:
    outline(publish(exercise()), in_state("over"))
    asked = script_of(student).get("intro/hello").json()
    assert "This exercise closed on" in asked["refusal"]
    assert asked["terms"]["closes"]
    assert "You can still run and check." in asked["refusal"]


def test_the_progress_goes_by_tutorials(class_of, publish, client_of, student, lecturer) -> None:
    edition = publish(*(exercise(name) for name in ("apple", "hello", "pear")))
    outline(edition, part("01-first", "pear", "hello"), part("02-second", "hello"))
    page = client_of(student).get("/courses/intro/progress/").content.decode()
    places = [page.index(text) for text in ("01-First", "Pear", "Hello", "In no tutorial", "Apple")]
    assert places == sorted(places)
    assert "02-Second" not in page
    grid = client_of(lecturer).get("/courses/intro/marks/").content.decode()
    places = [grid.index(text) for text in ("01-First", "In no tutorial", "Pear", "Hello", "Apple")]
    assert places == sorted(places)


def test_of_two_tutorials_students_read_the_title_of_one_that_is_open(class_of, publish, client_of, student) -> None:
    outline(publish(exercise()), in_state("hidden", "01-secret"), in_state("open", "02-public"))
    page = client_of(student).get("/courses/intro/progress/").content.decode()
    assert "02-Public" in page
    assert "01-Secret" not in page

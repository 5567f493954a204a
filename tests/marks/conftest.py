"""A course with exercises in it, and people who hand in. The jails are pretended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from accounts.tokens import make_token
from courses import editions
from courses.addresses import visit_of
from courses.models import Course, Edition, Membership, Role, Term
from exercises.exercise import CodeTask, Exercise, Hint, Policy, Test
from exercises.report import Feedback, Report, TestResult
from marks import catalogue, submitting, tickets
from marks.models import Attempt

SEEN, UNSEEN = "It greets", "It greets others"


def exercise(name: str = "hello", **how: Any) -> Exercise:
    tests = (Test(SEEN, CodeTask()), Test(UNSEEN, CodeTask(), hidden=True, points=2.0))
    policy = {key: how.pop(key) for key in ("attempts_max", "counts", "penalty_percent", "late") if key in how}
    files = how.pop("files", {"hello.py": "# Write here.\n"})
    about = {"title": name.title(), "text": "Greet **everybody**.", "hints": (Hint(2, "Use *print*."),), "tests": tests}
    return Exercise(name, files=files, solution={}, given={}, policy=Policy(**policy), **{**about, **how})


@dataclass
class Examiner:
    """In place of the jails: a text passes the tests whose numbers are in it. `fault` is raised while it is set."""

    fault: Exception | None = None
    marked: list[str] = field(default_factory=list)
    ask: Callable[[Mapping[str, str]], None] = lambda files: None

    async def mark(
        self, exercise: Exercise, files: Mapping[str, str], socket: str, *, hidden: bool, told=None, **how: Any
    ) -> Report:
        if self.fault is not None:
            raise self.fault
        text = files[exercise.main]
        self.ask(files)
        self.marked.append(text)
        results = []
        for number, test in enumerate(exercise.tests, 1):
            if test.hidden and not hidden:
                continue
            passed = str(number) in text
            feedback = None if test.hidden else Feedback("It was compared.", "Sam", "Hello", text, (("-", "Hello"),))
            points = test.points if passed else 0.0
            results.append(TestResult(test.title, test.hidden, passed, points, test.points, feedback, 0.01))
            if told is not None:
                told(results[-1])
        return Report(
            tuple(results), sum(result.points for result in results), sum(result.of_points for result in results)
        )


@pytest.fixture(autouse=True)
def homes(site_settings, settings) -> None:
    settings.IVLE_HOMES.mkdir(parents=True)


@pytest.fixture
def examiner(monkeypatch) -> Examiner:
    examiner = Examiner()
    monkeypatch.setattr("exercises.marking.mark", examiner.mark)
    return examiner


@pytest.fixture
def course(db, lecturer, student, classmate) -> Course:
    """The lecturer's, with the student and the classmate in it."""
    term = Term.objects.create(name="Spring", starts="2026-09-01", ends="2026-12-31")
    course = Course.objects.create(slug="intro", title="Introduction", term=term, made_by=lecturer)
    for person, role in ((lecturer, Role.LECTURER), (student, Role.STUDENT), (classmate, Role.STUDENT)):
        Membership.objects.create(course=course, person=person, role=role)
    return course


@pytest.fixture
def tutor(db, course) -> Person:
    tutor = Person.objects.create_user("tutor", "ivle", name="Terry Tutor")
    Membership.objects.create(course=course, person=tutor, role=Role.TUTOR)
    return tutor


@pytest.fixture
def publish(monkeypatch, course, lecturer) -> Callable[..., Edition]:
    """publish(exercise, ...): a new edition that has these, read by name instead of from its text."""
    known: dict[tuple[int, str], Exercise] = {}

    def read(edition: Edition, name: str) -> Exercise:
        if (edition.pk, name) not in known:
            raise catalogue.NoExercise(name)
        return known[edition.pk, name]

    monkeypatch.setattr(catalogue, "read", read)
    monkeypatch.setattr(editions, "_cache", editions.Cache())  # numbers of rows begin anew with each test

    def publish(*exercises: Exercise) -> Edition:
        edition = editions.add(course, {f"exercises/{one.name}.md": b"" for one in exercises}, lecturer)
        known.update({(edition.pk, one.name): one for one in exercises})
        return edition

    return publish


@pytest.fixture
def hand_in(course) -> Callable[..., Attempt]:
    """hand_in(student, "print(12)"): into the queue."""

    def hand_in(person: Person, text: str, name: str = "hello") -> Attempt:
        return submitting.submit(visit_of(person, course.slug), name, {"hello.py": text})

    return hand_in


@pytest.fixture
def work() -> Callable[[], None]:
    """Marks until nothing that is due is left."""

    def work() -> None:
        from marks import turns

        while turns.waiting().exists():
            tickets.mark_whose_turn_it_is.call()

    return work


class Script:
    """A program with a token."""

    def __init__(self, person: Person) -> None:
        self.client = Client(headers={"authorization": f"Bearer {make_token(person, 'script')}"})

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/exercises/{path}", query)

    def post(self, path: str, **content: Any):
        return self.client.post(f"/api/exercises/{path}", json.dumps(content), content_type="application/json")


@pytest.fixture
def script_of() -> Callable[[Person], Script]:
    return Script

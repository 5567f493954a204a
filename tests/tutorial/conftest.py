"""A course with its people, and the folder in which its lecturer writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from accounts.models import Person
from courses import editions
from courses.models import Course, Edition, Membership, Role, Term
from tutorial import shelf

Publish = Callable[[Mapping[str, str | bytes]], Edition]


@pytest.fixture(autouse=True)
def new_caches(monkeypatch) -> None:
    """Each test begins to number editions anew."""
    shelf._pages.clear()
    monkeypatch.setattr(editions, "_cache", editions.Cache())


@pytest.fixture
def course(student, classmate, lecturer) -> Course:
    term = Term.objects.create(name="2027", starts=date(2027, 1, 1), ends=date(2027, 12, 31))
    course = Course.objects.create(slug="loops", title="Loops and more", term=term)
    for person, role in ((student, Role.STUDENT), (classmate, Role.STUDENT), (lecturer, Role.LECTURER)):
        Membership.objects.create(course=course, person=person, role=role)
    return course


@pytest.fixture
def tutor(course) -> Person:
    person = Person.objects.create_user("tutor", "ivle", name="Tina Tutor")
    Membership.objects.create(course=course, person=person, role=Role.TUTOR)
    return person


@pytest.fixture
def published(course, lecturer) -> Publish:
    """published({"01-loops.md": "# Loops"}): without the checks, as if they had been passed."""

    def add(files: Mapping[str, str | bytes]) -> Edition:
        contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
        return editions.add(course, contents, lecturer)

    return add


@pytest.fixture
def folder(settings, course) -> Path:
    """Where the lecturer writes."""
    folder = settings.IVLE_HOMES / "lecturer" / "loops"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def home(settings, student) -> Path:
    home = settings.IVLE_HOMES / "student"
    home.mkdir(parents=True)
    return home

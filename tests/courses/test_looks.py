"""The log of looks: one line for each thing and hour, and never so many that it is no log any more."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Person
from courses import looks
from courses.models import Course, Look, Membership, Role


def rows() -> list[tuple[str, str, str]]:
    return sorted(Look.objects.values_list("viewer__username", "what", "path"))


def at(monkeypatch, later: timedelta) -> None:
    now = timezone.now() + later
    monkeypatch.setattr(looks, "timezone", SimpleNamespace(now=lambda: now))


def test_once_for_each_thing(course, lecturer) -> None:
    for what, path in [(looks.FILE, "a"), (looks.FILE, "b"), (looks.FILE, "a"), (looks.FOLDER, "a")]:
        looks.note(lecturer, "student", what, path)
    assert rows() == [("lecturer", "file", "a"), ("lecturer", "file", "b"), ("lecturer", "folder", "a")]


def test_again_in_the_next_hour(course, lecturer, monkeypatch) -> None:
    looks.note(lecturer, "student", looks.FILE, "a")
    at(monkeypatch, timedelta(hours=1))
    looks.note(lecturer, "student", looks.FILE, "a")
    assert len(rows()) == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_written_is_not_asked_for_again(course, lecturer, django_assert_num_queries) -> None:
    looks.note(lecturer, "student", looks.FILE, "a")
    with django_assert_num_queries(0):
        looks.note(lecturer, "student", looks.FILE, "a")


def test_by_two_processes_at_once(course, lecturer, monkeypatch) -> None:
    looks.note(lecturer, "student", looks.FILE, "a")
    looks._known.clear()  # which another process does not share
    looks.note(lecturer, "student", looks.FILE, "a")
    assert len(rows()) == 1


def test_many_things_become_one_line(course, lecturer, monkeypatch) -> None:
    monkeypatch.setattr(looks, "THINGS_AN_HOUR_MAX", 5)
    for number in range(20):
        looks.note(lecturer, "student", looks.FILE, str(number))
    assert len(rows()) == 6
    assert rows()[-1] == ("lecturer", "more", "")


def test_anothers_many_things_hide_nothing(course, lecturer, tutor, monkeypatch) -> None:
    monkeypatch.setattr(looks, "THINGS_AN_HOUR_MAX", 5)
    for number in range(20):
        looks.note(lecturer, "student", looks.FILE, str(number))
    looks.note(tutor, "student", looks.FILE, "a")
    assert ("tutor", "file", "a") in rows()


def test_a_path_that_is_too_long(course, lecturer) -> None:
    looks.note(lecturer, "student", looks.FILE, "x" * 20_000)
    assert len(rows()[0][2]) == 1000


@pytest.mark.parametrize("path", ["\udcff", "a\0b", "%00", "🐍"])
def test_a_path_of_any_kind(course, lecturer, path) -> None:
    looks.note(lecturer, "student", looks.CONSOLE, path)
    assert len(rows()) == 1


def test_a_name_that_nobody_has(course, lecturer) -> None:
    looks.note(lecturer, "nobody", looks.FILE, "a")
    assert rows() == []


def test_which_course_it_was_for(course, lecturer, administrator) -> None:
    other = Course.objects.create(slug="other", title="Other", term=course.term)
    Membership.objects.create(course=other, person=lecturer, role=Role.LECTURER)
    looks.note(lecturer, "student", looks.FILE, "a")
    looks.note(administrator, "stranger", looks.FILE, "a")
    assert Look.objects.get().course == course


def test_an_administrator_at_somebody_of_no_course(stranger, administrator) -> None:
    looks.note(administrator, "stranger", looks.FILE, "a")
    assert Look.objects.get().course is None


def test_old_ones_are_forgotten(course, student, lecturer, classmate, monkeypatch) -> None:
    looks.note(lecturer, "student", looks.FILE, "old")
    looks.note(lecturer, "classmate", looks.FILE, "kept until somebody looks there again")
    at(monkeypatch, looks.KEPT + timedelta(minutes=1))
    assert not looks.looks_at(student).exists()
    looks.note(lecturer, "student", looks.FILE, "new")
    assert [path for _viewer, _what, path in rows()] == ["kept until somebody looks there again", "new"]
    assert list(looks.looks_at(student).values_list("path", flat=True)) == ["new"]
    assert Person.objects.filter(username="student").exists()

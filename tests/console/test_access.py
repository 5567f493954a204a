"""Who may do what with whose console."""

from __future__ import annotations

import pytest

from console import access
from courses.models import Look, Role
from tests.console.conftest import make_info

QUESTIONS = ("may_watch", "is_owner", "may_end")
ALL = {"may_watch", "is_owner", "may_end"}


def allowed_to(person, owner: str = "student") -> set[str]:
    return {question for question in QUESTIONS if getattr(access, question)(person, owner)}


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("student", ALL),
        ("administrator", {"may_watch", "may_end"}),
        ("classmate", set()),
        ("lecturer", set()),
        ("stranger", set()),
    ],
)
def test_a_students_console(student, person, allowed, request) -> None:
    somebody = request.getfixturevalue(person)
    assert allowed_to(somebody) == allowed
    assert access.may_list_all(somebody) == (person == "administrator")


@pytest.mark.parametrize("person", ["lecturer", "tutor"])
def test_who_teaches_watches(course, person, request) -> None:
    somebody = request.getfixturevalue(person)
    assert allowed_to(somebody) == {"may_watch"}
    assert not access.may_list_all(somebody)


@pytest.mark.parametrize("person", ["lecturer", "tutor"])
def test_nobody_watches_who_teaches(course, student, person) -> None:
    assert allowed_to(student, person) == set()


def test_a_course_that_is_over_shows_no_console(course, lecturer) -> None:
    course.is_open = False
    course.save()
    assert allowed_to(lecturer) == set()


@pytest.mark.parametrize("person", ["student", "administrator", "lecturer"])
def test_nothing_for_somebody_inactive(course, person, request) -> None:
    somebody = request.getfixturevalue(person)
    somebody.is_active = False
    assert allowed_to(somebody) == set()
    assert not access.may_list_all(somebody)


class TestLooks:
    def test_watching_is_written_down_once_an_hour(self, course, lecturer) -> None:
        assert all(access.may_look(lecturer, make_info()) for _round in range(3))
        [look] = Look.objects.all()
        assert (look.viewer.username, look.owner.username, look.what, look.path) == (
            "lecturer",
            "student",
            "console",
            "Python",
        )

    def test_so_is_an_administrators(self, course, administrator) -> None:
        assert access.may_look(administrator, make_info())
        assert Look.objects.get().viewer == administrator

    def test_ones_own_is_not(self, course, student) -> None:
        assert access.may_look(student, make_info())
        assert not Look.objects.exists()

    def test_what_is_refused_is_no_look(self, course, classmate) -> None:
        assert not access.may_look(classmate, make_info())
        assert not access.may_see_list(classmate, "student")
        assert not Look.objects.exists()

    def test_a_role_that_is_taken_away(self, course, tutor) -> None:
        course.memberships.filter(person=tutor).update(role=Role.STUDENT)
        assert not access.may_look(tutor, make_info())

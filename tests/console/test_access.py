"""Who may do what with whose console."""

from __future__ import annotations

import pytest

from console import access

QUESTIONS = ("may_watch", "may_type", "is_owner", "may_end")


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("student", {"may_watch", "may_type", "is_owner", "may_end"}),
        ("administrator", {"may_watch", "may_type", "may_end"}),
        ("classmate", set()),
        ("lecturer", set()),
        ("stranger", set()),
    ],
)
def test_a_students_console(student, person, allowed, request) -> None:
    somebody = request.getfixturevalue(person)
    assert {question for question in QUESTIONS if getattr(access, question)(somebody, "student")} == allowed
    assert access.may_list_all(somebody) == (person == "administrator")


@pytest.mark.parametrize("person", ["student", "administrator"])
def test_nothing_for_somebody_inactive(student, person, request) -> None:
    somebody = request.getfixturevalue(person)
    somebody.is_active = False
    assert not any(getattr(access, question)(somebody, "student") for question in QUESTIONS)
    assert not access.may_list_all(somebody)

"""Who came into a course, left it or got another role is written down, by whom and how; lecturers read it."""

from __future__ import annotations

import pytest

from courses import importing, joining, people
from courses.changes import changes_in
from courses.faults import CourseFault
from courses.models import Role
from courses.roster import read_roster


def written(course) -> list[tuple[str, str, str, str, str]]:
    found = [
        (one.login, one.before, one.after, one.how, one.by.username if one.by else "") for one in changes_in(course)
    ]
    return found[::-1]


def test_by_hand(course, lecturer, stranger) -> None:
    people.add(course, "stranger", Role.STUDENT, lecturer)
    people.add(course, "stranger", Role.STUDENT, lecturer)
    people.change_role(course, "stranger", Role.TUTOR, lecturer)
    people.change_role(course, "stranger", Role.TUTOR, lecturer)
    people.remove(course, "stranger", None)
    assert written(course) == [
        ("stranger", "", "student", "hand", "lecturer"),
        ("stranger", "student", "tutor", "hand", "lecturer"),
        ("stranger", "tutor", "", "hand", ""),
    ]


def test_by_a_roster(course, lecturer, student) -> None:
    roster = read_roster(b"login,role\nstudent,tutor\nnewcomer,\nlecturer,lecturer\n")
    importing.carry_out(course, roster, lecturer, importing.plan(course, roster).digest)
    assert written(course) == [
        ("student", "student", "tutor", "roster", "lecturer"),
        ("newcomer", "", "student", "roster", "lecturer"),
    ]


def test_by_the_code(course, stranger) -> None:
    code = joining.renew(course)
    joining.join(stranger, code)
    joining.join(stranger, code)
    assert written(course) == [("stranger", "", "student", "code", "stranger")]


def test_what_is_refused_is_not_written(course, lecturer) -> None:
    with pytest.raises(CourseFault):
        people.remove(course, "lecturer", lecturer)
    assert written(course) == []


def test_lecturers_read_it(course, lecturer, student, stranger, client_of) -> None:
    browser = client_of(lecturer)
    form = {"login": "stranger", "role": "student", "do": "add"}
    assert browser.post("/courses/python/people/", form).status_code == 303
    page = browser.get("/courses/python/log/").content.decode()
    assert "came as student" in page
    assert "<td>stranger</td>" in page
    assert client_of(student).get("/courses/python/log/").status_code == 404

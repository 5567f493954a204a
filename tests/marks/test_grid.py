"""Everybody's marks: totals, filters, order, figures, CSV; marks by hand and conditions, each change written down."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.utils import timezone

from accounts.models import Person
from courses.models import Membership
from marks import figures, standing
from marks.grid import chosen, grid_of
from marks.models import Conditions, Mark, MarkChange
from tests.marks.conftest import SEEN, UNSEEN, exercise


@pytest.fixture
def class_marked(publish, hand_in, work, examiner, course, student, classmate):
    """The student has all of hello, the classmate a third of it and is stuck; nobody has handed in more."""
    publish(exercise(), exercise("more"))
    hand_in(student, "12")
    for text in ("a", "b", "1"):
        hand_in(classmate, text)
        work()
    return course


def names(course, search: str = "", show: str = "all", order: str = "") -> list[str]:
    return [row.person.username for row in chosen(grid_of(course), search, show, order)]


def test_totals(class_marked) -> None:
    assert {row.person.username: row.total_percent for row in grid_of(class_marked).rows} == {
        "student": 50.0,
        "classmate": 16.7,
    }


def test_weights(class_marked) -> None:
    Conditions.objects.create(course=class_marked, exercise="more", weight=0)
    assert [row.total_percent for row in chosen(grid_of(class_marked), "", "all", "-total")] == [100.0, 33.3]


@pytest.mark.parametrize(
    ("search", "show", "order", "expected"),
    [
        ("", "all", "", ["classmate", "student"]),
        ("", "all", "-name", ["student", "classmate"]),
        ("", "all", "-total", ["student", "classmate"]),
        ("", "all", "total", ["classmate", "student"]),
        ("", "all", "-hello", ["student", "classmate"]),
        ("", "all", "nonsense", ["classmate", "student"]),
        ("SAM", "all", "", ["student"]),
        ("classm", "all", "", ["classmate"]),
        ("nobody", "all", "", []),
        ("", "stuck", "", ["classmate"]),
        ("", "open", "", ["classmate", "student"]),
        ("", "nothing", "", []),
    ],
)
def test_what_is_asked_for(class_marked, search: str, show: str, order: str, expected: list[str]) -> None:
    assert names(class_marked, search, show, order) == expected


def test_figures(class_marked, lecturer) -> None:
    found = figures.figures_of(class_marked, "hello")
    assert (found.students, found.handed_in, found.solved, found.attempts) == (2, 2, 1, 4)
    assert [(test.title, test.hidden, test.passed, test.of) for test in found.tests] == [
        (SEEN, False, 2, 2),
        (UNSEEN, True, 1, 2),
    ]
    assert [(one.person.username, one.tries) for one in found.stuck] == [("classmate", 3)]


def rows_of(client) -> list[list[str]]:
    return list(csv.reader(StringIO(client.get("/courses/intro/marks/export.csv").content.decode("utf-8-sig"))))


def test_the_columns_of_the_csv_stay(class_marked, publish, client_of, lecturer) -> None:
    browser = client_of(lecturer)
    head = ["login", "name", "hello points", "hello of", "hello attempts", "more points", "more of", "more attempts"]
    assert rows_of(browser) == [
        [*head, "total percent"],
        ["classmate", "Kim Classmate", "1", "3", "3", "", "", "0", "16.7"],
        ["student", "Sam Student", "3", "3", "1", "", "", "0", "50"],
    ]
    publish(exercise("more", title="Called otherwise"))  # without hello, of which there are marks
    assert rows_of(browser)[0] == [*head, "total percent"]


def test_staff_are_in_no_grid(class_marked, tutor, hand_in, work) -> None:
    hand_in(tutor, "12")
    work()
    assert names(class_marked) == ["classmate", "student"]


def test_by_hand_and_back(class_marked, client_of, lecturer, classmate) -> None:
    browser = client_of(lecturer)
    form = {"exercise": "hello", "points": "2.5", "why": "Good idea, wrong sign."}
    assert browser.post("/courses/intro/marks/people/classmate/", form).status_code == 302
    mark = Mark.objects.get(person=classmate, exercise="hello")
    assert (mark.points, mark.by_hand, mark.attempt) == (2.5, 2.5, None)
    browser.post("/courses/intro/marks/people/classmate/", {**form, "points": "", "why": "It was meant for another."})
    mark.refresh_from_db()
    assert (mark.points, mark.by_hand, mark.attempt.number) == (1.0, None, 3)
    changes = MarkChange.objects.filter(person=classmate, cause="by_hand").order_by("pk")
    assert [(one.before, one.after, one.why, one.by) for one in changes] == [
        (1.0, 2.5, "Good idea, wrong sign.", lecturer),
        (2.5, 1.0, "It was meant for another.", lecturer),
    ]
    text = client_of(classmate).get("/courses/intro/progress/").content.decode()
    assert "Good idea, wrong sign." in text
    assert "Lee Lecturer" in text


def test_by_hand_where_nothing_was_handed_in(class_marked, course, lecturer, student) -> None:
    standing.set_by_hand(course, student, exercise("more"), 3.0, lecturer, "Shown on paper.")
    mark = Mark.objects.get(person=student, exercise="more")
    assert (mark.points, mark.of_points) == (3.0, 3.0)


def test_a_new_attempt_does_not_undo_what_was_set_by_hand(
    class_marked, course, lecturer, classmate, hand_in, work
) -> None:
    standing.set_by_hand(course, classmate, exercise(), 2.0, lecturer, "Because.")
    hand_in(classmate, "12")
    work()
    assert Mark.objects.get(person=classmate, exercise="hello").points == 2.0


def test_dates_that_change_count_everybody_anew(class_marked, publish, course, client_of, lecturer, student) -> None:
    from exercises.exercise import Late

    publish(exercise(late=Late(percent_a_day=50)), exercise("more"))
    due = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    form = {"0-weight": "2", "0-due": due, "0-closes": "", "1-weight": "", "1-due": "", "1-closes": ""}
    assert client_of(lecturer).post("/courses/intro/marks/conditions/", form).status_code == 302
    assert Conditions.objects.get().weight == 2
    assert Mark.objects.get(person=student).points == 1.5
    change = MarkChange.objects.filter(person=student).first()
    assert (change.before, change.after, change.cause, change.by) == (3.0, 1.5, "conditions", lecturer)


def test_it_cannot_close_before_it_is_due(class_marked, client_of, lecturer) -> None:
    form = {"0-due": "2026-10-02T12:00", "0-closes": "2026-10-01T12:00"}
    page = client_of(lecturer).post("/courses/intro/marks/conditions/", form)
    assert "It closes before it is due." in page.content.decode()
    assert not Conditions.objects.exists()


def test_a_large_class_takes_no_more_questions_than_a_small_one(
    class_marked, client_of, lecturer, django_assert_max_num_queries
) -> None:
    people = Person.objects.bulk_create(Person(username=f"more{number}") for number in range(100))
    Membership.objects.bulk_create(Membership(course=class_marked, person=person) for person in people)
    Mark.objects.bulk_create(
        Mark(course=class_marked, person=person, exercise="hello", points=1, of_points=3) for person in people
    )
    browser = client_of(lecturer)
    with django_assert_max_num_queries(20):
        assert browser.get("/courses/intro/marks/").status_code == 200

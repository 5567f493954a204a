"""Everybody's marks: totals, filters, order, figures, CSV; marks by hand and conditions, each change written down."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.utils import timezone

from accounts.models import Person
from courses import editions
from courses.models import Membership
from exercises.exercise import Late
from marks import catalogue, figures, standing
from marks.grid import chosen, columns_of, grid_of
from marks.models import Attempt, Conditions, ConditionsChange, Mark, MarkChange
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
    form = {"hello-weight": "2", "hello-due": due, "hello-closes": ""}
    form |= {"more-weight": "", "more-due": "", "more-closes": ""}
    assert client_of(lecturer).post("/courses/intro/marks/conditions/", form).status_code == 302
    assert Conditions.objects.get().weight == 2
    assert Mark.objects.get(person=student).points == 1.5
    change = MarkChange.objects.filter(person=student).first()
    assert (change.before, change.after, change.cause, change.by) == (3.0, 1.5, "conditions", lecturer)


def test_a_decision_that_changes_no_points_is_written_down(class_marked, client_of, lecturer, student) -> None:
    """Its reason, and that later attempts change nothing any more."""
    form = {"exercise": "hello", "points": "3", "why": "Frozen until the talk."}
    assert client_of(lecturer).post("/courses/intro/marks/people/student/", form).status_code == 302
    change = MarkChange.objects.filter(person=student).first()
    assert (change.before, change.after, change.why, change.by) == (3.0, 3.0, "Frozen until the talk.", lecturer)


class TestWeights:
    def change(self, browser, **changed: str) -> None:
        form = {"hello-weight": "", "hello-due": "", "hello-closes": "", **changed}
        assert browser.post("/courses/intro/marks/conditions/", form).status_code == 302

    def test_they_are_written_down(self, class_marked, client_of, lecturer) -> None:
        browser = client_of(lecturer)
        self.change(browser, **{"hello-weight": "0.5"})
        self.change(browser, **{"hello-closes": "2026-12-01T12:00"})
        lines = ConditionsChange.objects.order_by("pk").values_list("what", "before", "after", "by")
        me = lecturer.pk
        assert list(lines) == [
            ("weight", "", "0.5", me),
            ("weight", "0.5", "", me),
            ("closes", "", "2026-12-01 12:00", me),
        ]
        page = browser.get("/courses/intro/marks/changes/").content.decode()
        assert "2026-12-01 12:00" in page

    def test_they_count_no_mark_anew(self, class_marked, publish, client_of, lecturer) -> None:
        """By the rules of a newer edition, say, that nobody asked for."""
        publish(exercise(penalty_percent=50))
        self.change(client_of(lecturer), **{"hello-weight": "5"})
        assert not MarkChange.objects.filter(cause="conditions").exists()
        assert Mark.objects.get(person__username="classmate", exercise="hello").points == 1.0


class TestWhatIsShownNoMore:
    @pytest.mark.parametrize("how", ["unpublished", "left out"])
    def test_it_weighs_what_it_was_worth(self, class_marked, publish, course, how) -> None:
        totals = {row.person.username: row.total_percent for row in grid_of(publish_only_hello(publish, course)).rows}
        if how == "unpublished":
            editions.hide(course)
        else:
            publish(exercise("other", tests=()))
        assert {row.person.username: row.total_percent for row in grid_of(course).rows} == totals

    def test_its_mark_can_be_set_by_hand(self, class_marked, publish, client_of, lecturer, student) -> None:
        publish(exercise("more"))
        browser = client_of(lecturer)
        assert 'value="hello"' in browser.get("/courses/intro/marks/people/student/").content.decode()
        form = {"exercise": "hello", "points": "0", "why": "It was copied."}
        assert browser.post("/courses/intro/marks/people/student/", form).status_code == 302
        assert Mark.objects.get(person=student, exercise="hello").points == 0.0


def publish_only_hello(publish, course):
    publish(exercise())
    return course


class TestWhoHasMarksIsKept:
    def test_by_the_administration(self, class_marked, client_of, administrator, student, course) -> None:
        browser = client_of(administrator)
        for path in (f"accounts/person/{student.pk}", f"courses/course/{course.pk}"):
            browser.post(f"/admin/{path}/delete/", {"post": "yes"})
        assert MarkChange.objects.filter(person=student).exists()
        assert Person.objects.filter(pk=student.pk).exists()


def test_dates_that_change_say_anew_who_was_late(class_marked, publish, client_of, lecturer) -> None:
    browser = client_of(lecturer)

    def late_after(due: timedelta | None) -> set[bool]:
        moment = timezone.localtime(timezone.now() + due).strftime("%Y-%m-%dT%H:%M") if due else ""
        form = {"hello-weight": "", "hello-due": moment, "hello-closes": ""}
        assert browser.post("/courses/intro/marks/conditions/", form).status_code == 302
        return set(Attempt.objects.filter(exercise="hello").values_list("is_late", flat=True))

    assert [late_after(due) for due in (-timedelta(hours=1), timedelta(hours=1), -timedelta(hours=1), None)] == [
        {True},
        {False},
        {True},
        {False},
    ]


def test_conditions_reach_their_exercise_though_another_was_published_meanwhile(
    class_marked, publish, course, client_of, lecturer
) -> None:
    publish(exercise("early"), exercise(), exercise("more"))
    form = {"hello-weight": "2", "hello-due": "", "hello-closes": ""}
    Conditions.objects.create(course=course, exercise="more", weight=5)
    assert client_of(lecturer).post("/courses/intro/marks/conditions/", form).status_code == 302
    weights = Conditions.objects.order_by("exercise").values_list("exercise", "weight")
    assert list(weights) == [("hello", 2), ("more", 5)]


def test_it_cannot_close_before_it_is_due(class_marked, client_of, lecturer) -> None:
    form = {"hello-weight": "", "hello-due": "2026-10-02T12:00", "hello-closes": "2026-10-01T12:00"}
    page = client_of(lecturer).post("/courses/intro/marks/conditions/", form)
    assert "It closes before it is due." in page.content.decode()
    assert not Conditions.objects.exists()


def test_a_date_is_not_so_far_away_that_nothing_comes_after_it(class_marked, course, client_of, lecturer) -> None:
    form = {"hello-weight": "", "hello-due": "9999-12-31T12:00", "hello-closes": ""}
    page = client_of(lecturer).post("/courses/intro/marks/conditions/", form)
    assert "too far away" in page.content.decode()
    far = datetime(9999, 12, 31, 12, tzinfo=UTC)
    assert catalogue.last_moment(far, Late(percent_a_day=10, days_max=5)) is None


def test_what_staff_tried_weighs_nothing(class_marked, course, lecturer) -> None:
    Mark.objects.create(course=course, person=lecturer, exercise="a-draft", points=10, of_points=10)
    assert "a-draft" not in [column.name for column in columns_of(course)]


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

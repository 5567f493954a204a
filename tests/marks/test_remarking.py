"""An exercise marked again, after a test of it was mended."""

from __future__ import annotations

import pytest

from exercises.exercise import CodeTask, Test
from marks import remarking, turns
from marks.models import Attempt, Mark, MarkChange, Remarked, Remarking, State, Turn
from tests.marks.conftest import UNSEEN, exercise

# The second test is worth more now, and what was the first is gone.
MENDED = (Test("It is polite", CodeTask()), Test(UNSEEN, CodeTask(), hidden=True, points=5.0))


@pytest.fixture
def class_marked(publish, hand_in, work, examiner, student, classmate):
    publish(exercise())
    hand_in(student, "12")
    hand_in(classmate, "none")
    work()


def test_the_old_mark_stands_until_the_new_one_is_there(
    class_marked, publish, course, lecturer, student, work, script_of
) -> None:
    edition = publish(exercise(tests=MENDED))
    begun = remarking.begin(course, "hello", lecturer, "Test 2 was wrong.")
    assert (begun.attempts_count, remarking.left(begun)) == (2, 2)
    shown = script_of(student).get("intro/hello/attempts/1").json()
    assert (shown["state"], shown["points"]) == ("marked", 3.0)
    assert Mark.objects.get(person=student).points == 3.0
    work()
    assert remarking.left(begun) == 0
    attempt = Attempt.objects.get(person=student)
    assert (attempt.state, attempt.points, attempt.of_points, attempt.edition) == (State.MARKED, 6.0, 6.0, edition)
    assert Mark.objects.get(person=student).points == 6.0


def test_there_is_a_list_of_what_changed(class_marked, publish, course, lecturer, student, work, client_of) -> None:
    publish(exercise(tests=MENDED))
    begun = remarking.begin(course, "hello", lecturer, "Test 2 was wrong.")
    work()
    [mine, other] = Remarked.objects.order_by("-attempt__person__username")
    assert (mine.before, mine.after, mine.tests) == (3.0, 6.0, [["It is polite", True]])
    assert (other.before, other.after, other.tests) == (0.0, 0.0, [["It is polite", False]])
    change = MarkChange.objects.filter(person=student).first()
    assert (change.before, change.after, change.cause, change.by) == (3.0, 6.0, "remarked", lecturer)
    page = client_of(lecturer).get(f"/courses/intro/marks/again/{begun.pk}/").content.decode()
    assert "All 2 attempts were marked again." in page
    assert "It is polite: passes now" in page
    assert "Test 2 was wrong." in client_of(student).get("/courses/intro/progress/").content.decode()


def test_where_nothing_comes_out_differently_nothing_is_listed(class_marked, course, lecturer, work) -> None:
    remarking.begin(course, "hello", lecturer, "To be sure.")
    count = MarkChange.objects.count()
    work()
    assert (Remarked.objects.count(), MarkChange.objects.count()) == (0, count)


def test_new_attempts_come_before_those_marked_again(class_marked, course, lecturer, hand_in, student) -> None:
    remarking.begin(course, "hello", lecturer, "To be sure.")
    hand_in(student, "new")
    assert turns.waiting().first().number == 2


def test_a_long_one_holds_up_no_later_one(
    publish, hand_in, work, examiner, course, lecturer, student, classmate
) -> None:
    publish(exercise(), exercise("more"))
    for number in range(3):
        hand_in(student, f"1 {number}")
        work()
    hand_in(classmate, "1", "more")
    work()
    Turn.objects.all().delete()
    remarking.begin(course, "hello", lecturer, "Long.")
    remarking.begin(course, "more", lecturer, "Short.")
    claimed = [turns.claim().exercise, turns.claim().exercise]
    assert claimed == ["hello", "more"]


def test_what_is_marked_just_then_is_begun_anew(publish, hand_in, work, examiner, course, lecturer, student) -> None:
    publish(exercise())
    hand_in(student, "12")
    taken = turns.claim()
    edition = publish(exercise(tests=MENDED))
    remarking.begin(course, "hello", lecturer, "Test 2 was wrong.")
    assert not turns.hold(taken, None)
    work()
    attempt = Attempt.objects.get()
    assert (attempt.points, attempt.edition, attempt.remarking) == (6.0, edition, None)


def test_one_at_a_time(class_marked, course, lecturer, client_of) -> None:
    remarking.begin(course, "hello", lecturer, "Once.")
    with pytest.raises(remarking.UnderWay):
        remarking.begin(course, "hello", lecturer, "Twice.")
    form = {"why": "Twice."}
    page = client_of(lecturer).post("/courses/intro/marks/exercises/hello/", form).content.decode()
    assert "marked again already" in page
    assert Remarking.objects.count() == 1


def test_a_fault_of_ours_leaves_the_old_mark(class_marked, publish, course, lecturer, student, work, examiner) -> None:
    publish(exercise(tests=MENDED))
    remarking.begin(course, "hello", lecturer, "Test 2 was wrong.")
    examiner.fault = RuntimeError("a bug")
    work()
    attempt = Attempt.objects.get(person=student)
    assert (attempt.state, attempt.points, attempt.faults) == (State.WAITING, 3.0, 1)
    assert Mark.objects.get(person=student).points == 3.0


def test_tests_that_differ() -> None:
    from marks.marking import tests_that_differ

    def report(**passed: bool):
        return {"results": [{"title": title, "passed": one} for title, one in passed.items()]}

    assert tests_that_differ(report(a=True, b=False), report(a=True, b=True, c=False)) == [["b", True], ["c", False]]

"""Handing in: what is taken, what is refused, what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exercises.exercise import Counts, Late
from marks import submitting
from marks.models import Attempt, Conditions, Mark, MarkChange, State
from marks.submitting import TEXT_MAX_BYTES, NotTaken
from sandbox.faults import SandboxError
from tests.marks.conftest import exercise


def test_it_is_kept_whole_and_marked(publish, hand_in, work, examiner, student) -> None:
    edition = publish(exercise(files={"hello.py": "", "more.py": "a = 1\n"}))
    attempt = hand_in(student, "print(1)")
    assert attempt.files == {"hello.py": "print(1)", "more.py": "a = 1\n"}
    assert (attempt.number, attempt.edition, attempt.state) == (1, edition, State.WAITING)
    work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.points, attempt.of_points) == (State.MARKED, 1.0, 3.0)
    [mark] = Mark.objects.all()
    assert (mark.points, mark.of_points, mark.attempt, mark.tries) == (1.0, 3.0, attempt, 1)
    [change] = MarkChange.objects.all()
    assert (change.before, change.after, change.cause, change.attempt) == (None, 1.0, "attempt", attempt)


def test_the_best_counts_and_each_change_is_written_down(publish, hand_in, work, examiner, student) -> None:
    publish(exercise())
    for text in ("1", "12", "2"):
        hand_in(student, text)
        work()
    assert Mark.objects.get().attempt.number == 2
    assert [(change.before, change.after) for change in MarkChange.objects.order_by("pk")] == [(None, 1), (1, 3)]


def test_the_last_counts_where_the_exercise_says_so(publish, hand_in, work, examiner, student) -> None:
    publish(exercise(counts=Counts.LAST))
    for text in ("12", "1"):
        hand_in(student, text)
        work()
    assert Mark.objects.get().points == 1


def test_one_at_a_time(publish, hand_in, examiner, student, classmate) -> None:
    publish(exercise())
    hand_in(student, "1")
    with pytest.raises(NotTaken, match="still being marked"):
        hand_in(student, "2")
    hand_in(classmate, "1")
    assert Attempt.objects.count() == 2


def test_the_same_again_costs_no_attempt(publish, hand_in, work, examiner, student) -> None:
    publish(exercise(attempts_max=2))
    hand_in(student, "1")
    work()
    with pytest.raises(NotTaken, match="attempt 1"):
        hand_in(student, "1")
    hand_in(student, "2")
    work()
    assert Attempt.objects.count() == 2


def test_the_same_again_after_the_exercise_was_mended(publish, hand_in, work, examiner, student) -> None:
    publish(exercise())
    hand_in(student, "1")
    work()
    publish(exercise())
    assert hand_in(student, "1").number == 2


def test_no_more_than_allowed(publish, hand_in, work, examiner, student) -> None:
    publish(exercise(attempts_max=1))
    hand_in(student, "1")
    work()
    with pytest.raises(NotTaken, match="only attempt"):
        hand_in(student, "2")


def test_a_fault_of_ours_costs_no_attempt(publish, hand_in, work, examiner, student) -> None:
    publish(exercise(attempts_max=1, penalty_percent=50))
    attempt = hand_in(student, "12")
    for number, fault in enumerate((SandboxError("away"), RuntimeError("a bug")), 1):
        examiner.fault = fault
        work()
        attempt.refresh_from_db()
        assert (attempt.state, attempt.faults, attempt.report) == (State.WAITING, number, None)
        assert attempt.due > timezone.now()
        Attempt.objects.update(due=timezone.now())
    assert not MarkChange.objects.exists()
    examiner.fault = None
    work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.points) == (State.MARKED, 3.0)
    mark = Mark.objects.get()
    assert (mark.points, mark.tries) == (3.0, 0)


def test_the_pauses_after_faults_grow(publish, hand_in, work, examiner, student) -> None:
    publish(exercise())
    attempt = hand_in(student, "12")
    examiner.fault = SandboxError("away")
    for pause_seconds in (1, 2, 5, 10, 30, 60, 60, 60):
        Attempt.objects.update(due=timezone.now())
        before = timezone.now()
        work()
        attempt.refresh_from_db()
        assert before <= attempt.due - timedelta(seconds=pause_seconds) <= timezone.now()


def test_late(publish, hand_in, work, examiner, course, student) -> None:
    publish(exercise(late=Late(percent_a_day=25)))
    Conditions.objects.create(course=course, exercise="hello", due=timezone.now() - timedelta(hours=30))
    assert hand_in(student, "12").is_late
    work()
    assert Mark.objects.get().points == 1.5


@pytest.mark.parametrize(
    ("late", "hours", "taken"),
    [
        (Late(is_accepted=False), 1, False),
        (Late(days_max=2), 47, True),
        (Late(days_max=2), 49, False),
        (Late(), 10_000, True),
    ],
)
def test_how_late_is_too_late(publish, hand_in, examiner, course, student, late: Late, hours: int, taken: bool) -> None:
    publish(exercise(late=late))
    Conditions.objects.create(course=course, exercise="hello", due=timezone.now() - timedelta(hours=hours))
    if taken:
        assert hand_in(student, "12").is_late
    else:
        with pytest.raises(NotTaken, match="closed on"):
            hand_in(student, "12")


def test_closed(publish, hand_in, examiner, course, student) -> None:
    publish(exercise())
    Conditions.objects.create(course=course, exercise="hello", closes=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotTaken, match="You can still run and check"):
        hand_in(student, "12")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("x" * TEXT_MAX_BYTES, None),
        ("x" * (TEXT_MAX_BYTES + 1), 413),
        ("é" * TEXT_MAX_BYTES, 413),
        ("a\0b", 400),
        ("\ud800", 400),
    ],
)
def test_texts(publish, hand_in, examiner, student, text: str, status: int | None) -> None:
    publish(exercise())
    if status is None:
        hand_in(student, text)
        return
    with pytest.raises(NotTaken) as refused:
        hand_in(student, text)
    assert refused.value.status == status
    assert not Attempt.objects.exists()


def test_nobody_fills_the_disk_with_attempts(publish, hand_in, work, examiner, student, monkeypatch) -> None:
    monkeypatch.setattr(submitting, "FEW", 2)
    monkeypatch.setattr(submitting, "KEPT_MAX_CHARACTERS", 1200)
    publish(exercise(), exercise("more"))
    for number in range(3):
        hand_in(student, f"1 {number}".ljust(500))
        work()
    with pytest.raises(NotTaken, match="You have handed in so much") as refused:
        hand_in(student, "1 2")
    assert refused.value.status == 413
    hand_in(student, "1 2", "more")

"""What counts: keeps each person's mark of each exercise in step with their attempts, and writes down every change.

Everything that may change a mark ends here: an attempt marked, marked again, a mark set by hand, conditions changed.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Person
from courses.models import Course
from exercises.exercise import Exercise
from marks import catalogue
from marks.models import Attempt, Mark, MarkChange, Remarking, State
from marks.rules import Counted, Terms, Tried, counted

Cause = MarkChange.Cause


def mark_of(course: Course, person: Person, exercise: str) -> Mark:
    """Inside a transaction; nobody else changes it before that ends."""
    mark, _ = Mark.objects.get_or_create(course=course, person=person, exercise=exercise)
    return Mark.objects.select_for_update().get(pk=mark.pk)


def note_try(course: Course, person: Person, exercise: str, digest: str, solved: bool) -> None:
    """A check, or an attempt. The same text again is no new try."""
    with transaction.atomic():
        mark = mark_of(course, person, exercise)
        if mark.last_tried == digest and mark.tried is not None:
            return
        Mark.objects.filter(pk=mark.pk).update(
            last_tried=digest, tried=timezone.now(), tries=F("tries") + (0 if solved else 1)
        )


def count_attempts(attempt: Attempt, exercise: Exercise, remarking: Remarking | None) -> None:
    """After one of them was marked, for the first time or again."""
    count(
        attempt.course,
        attempt.person,
        exercise,
        catalogue.terms(attempt.course, exercise),
        MarkChange(
            cause=Cause.REMARKED if remarking else Cause.ATTEMPT,
            why=remarking.why if remarking else "",
            by=remarking.by if remarking else None,
            attempt=attempt,
        ),
    )


def count_everybody(course: Course, exercise: Exercise, change_by: Person, why: str) -> None:
    """After the conditions were changed."""
    terms = catalogue.terms(course, exercise)
    for mark in Mark.objects.filter(course=course, exercise=exercise.name).select_related("person"):
        count(course, mark.person, exercise, terms, MarkChange(cause=Cause.CONDITIONS, why=why, by=change_by))


def set_by_hand(course: Course, person: Person, exercise: Exercise, points: float | None, by: Person, why: str) -> None:
    """Whatever the attempts are worth. None: they count again."""
    with transaction.atomic():
        mark = mark_of(course, person, exercise.name)
        Mark.objects.filter(pk=mark.pk).update(by_hand=points)
        change = MarkChange(cause=Cause.BY_HAND, why=why, by=by)
        count(course, person, exercise, catalogue.terms(course, exercise), change)


def count(course: Course, person: Person, exercise: Exercise, terms: Terms, change: MarkChange) -> None:
    """Writes the change down where there is one."""
    with transaction.atomic():
        mark = mark_of(course, person, exercise.name)
        marked = Attempt.objects.filter(course=course, person=person, exercise=exercise.name, report__isnull=False)
        attempts = {attempt.number: attempt for attempt in marked.defer("files", "report")}
        best = counted(terms, [as_tried(attempt) for attempt in attempts.values()])
        now = by_hand(mark, exercise, best)
        before, after = (mark.points, mark.of_points), (now.points, now.of_points) if now else (None, None)
        mark.points, mark.of_points = after
        mark.attempt = attempts.get(now.number) if now else None
        mark.save(update_fields=["points", "of_points", "attempt"])
        if before != after:
            change.course, change.person, change.exercise = course, person, exercise.name
            change.before, change.after, change.of_points = before[0], after[0], after[1]
            change.save()


def by_hand(mark: Mark, exercise: Exercise, best: Counted | None) -> Counted | None:
    if mark.by_hand is None:
        return best
    return Counted(0, mark.by_hand, best.of_points if best else exercise.points)


def as_tried(attempt: Attempt) -> Tried:
    return Tried(attempt.number, attempt.points or 0.0, attempt.of_points or 0.0, attempt.submitted)


def waiting_count(course: Course) -> int:
    return Attempt.objects.filter(course=course).exclude(state=State.MARKED).count()

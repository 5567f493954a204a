"""What counts: keeps each person's mark of each exercise in step with their attempts, and writes down every change.

Everything that may change a mark ends here: an attempt marked, marked again, a mark set by hand, conditions changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Person
from courses.models import Course
from exercises.exercise import Exercise
from marks import catalogue
from marks.models import RAISED_MAX, TO_BE_MARKED, Attempt, Mark, MarkChange, Remarking
from marks.rules import Counted, Terms, Tried, counted

Cause = MarkChange.Cause


def mark_of(course: Course, person: Person, exercise: str) -> Mark:
    """Inside a transaction; nobody else changes it before that ends."""
    about = {"course": course, "person": person, "exercise": exercise}
    Mark.objects.bulk_create([Mark(**about)], ignore_conflicts=True)
    return Mark.objects.select_for_update().get(**about)


def note_try(course: Course, person: Person, exercise: str, digest: str, solved: bool) -> None:
    """A check, or an attempt. The same text twice in a row is one try."""
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
    attempts = Attempt.objects.filter(course=course, exercise=exercise.name)
    late = Q(submitted__gt=terms.due) if terms.due else Q(pk__in=[])
    attempts.exclude(late).update(is_late=False)
    attempts.filter(late).update(is_late=True)
    for mark in Mark.objects.filter(course=course, exercise=exercise.name).select_related("person"):
        count(course, mark.person, exercise, terms, MarkChange(cause=Cause.CONDITIONS, why=why, by=change_by))


def set_by_hand(course: Course, person: Person, exercise: Exercise, points: float | None, by: Person, why: str) -> None:
    """Whatever the attempts are worth. None: they count again."""
    with transaction.atomic():
        mark = mark_of(course, person, exercise.name)
        Mark.objects.filter(pk=mark.pk).update(by_hand=points)
        change = MarkChange(cause=Cause.BY_HAND, why=why, by=by)
        count(course, person, exercise, catalogue.terms(course, exercise), change)  # a line, even with the same points


def count(course: Course, person: Person, exercise: Exercise, terms: Terms, change: MarkChange) -> None:
    """Writes the change down where there is one, and what somebody has decided."""
    with transaction.atomic():
        mark = mark_of(course, person, exercise.name)
        theirs = Attempt.objects.filter(course=course, person=person, exercise=exercise.name)
        marked = theirs.filter(report__isnull=False).defer("files", "report")
        attempts = {attempt.number: attempt for attempt in marked}
        free = list(theirs.filter(raised__gte=RAISED_MAX).values_list("number", flat=True))
        best = counted(terms, [as_tried(attempt, free) for attempt in attempts.values()])
        now = by_hand(mark, exercise, best)
        before, after = (mark.points, mark.of_points), (now.points, now.of_points) if now else (None, None)
        mark.points, mark.of_points = after
        mark.attempt = attempts.get(now.number) if now else None
        mark.save(update_fields=["points", "of_points", "attempt"])
        if before != after or change.cause == Cause.BY_HAND:
            change.course, change.person, change.exercise = course, person, exercise.name
            change.before, change.after, change.of_points = before[0], after[0], after[1]
            change.save()


def by_hand(mark: Mark, exercise: Exercise, best: Counted | None) -> Counted | None:
    if mark.by_hand is None:
        return best
    return Counted(0, mark.by_hand, best.of_points if best else exercise.points)


def as_tried(attempt: Attempt, free: Iterable[int]) -> Tried:
    """`free`: the numbers of those that cost nothing."""
    before = sum(number < attempt.number for number in free)
    return Tried(attempt.number, attempt.points or 0.0, attempt.of_points or 0.0, attempt.submitted, before)


def waiting_count(course: Course) -> int:
    return Attempt.objects.filter(course=course, state__in=TO_BE_MARKED).count()

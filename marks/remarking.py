"""Marks all attempts at an exercise again, in the background, against what is published now. For views.py."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person
from courses import editions
from courses.models import Course
from marks import catalogue, tickets
from marks.models import RAISED_MAX, Attempt, Remarking, State


class UnderWay(Exception):
    """One at a time for each exercise."""


def begin(course: Course, name: str, by: Person, why: str) -> Remarking:
    """What they were worth before stands until the new result is there. Raises UnderWay, and what catalogue.find
    raises."""
    edition = editions.shown(course)
    catalogue.find(edition, name)
    if edition is None:
        raise AssertionError("what is found is in one")
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        attempts = Attempt.objects.filter(course=course, exercise=name)
        if attempts.filter(remarking__isnull=False).exists():
            raise UnderWay
        remarking = Remarking.objects.create(course=course, exercise=name, edition=edition, by=by, why=why)
        again = {"state": State.WAITING, "edition": edition, "due": timezone.now(), "claim": "", "held_until": None}
        again |= {"faults": 0}
        attempts.filter(raised__lt=RAISED_MAX).update(raised=0)  # what was put aside has one try, and stays free
        marked_or_aside = Q(report__isnull=False) | Q(state=State.ASIDE)
        count = attempts.filter(marked_or_aside).update(**again, remarking=remarking)
        attempts.filter(remarking__isnull=True).update(**again)  # what is marked right now is begun anew
        remarking.attempts_count = count
        remarking.save(update_fields=["attempts_count"])
        tickets.issue()  # the others are issued by whoever marks
    return remarking


def left(remarking: Remarking) -> int:
    """How many attempts still wait."""
    return Attempt.objects.filter(remarking=remarking).count()

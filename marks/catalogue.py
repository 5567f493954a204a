"""The exercises of a course, as its editions have them, and on what terms they are handed in."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.utils import timezone

from courses import editions
from courses.addresses import Visit
from courses.models import Course, Edition
from exercises.exercise import Exercise, Late
from exercises.faults import Faults
from marks.models import Conditions
from marks.rules import Terms
from tutorial.outline import outline_of
from tutorial.shelf import exercise_names
from tutorial.sources import EditionFiles
from tutorial.texts import exercise_in

KEPT_MAX: Final = 256
log = logging.getLogger(__name__)


class NoExercise(LookupError):
    """It is not in this edition, or nothing is published."""


class BrokenExercise(ValueError):
    """It is there and cannot be read, which publishing should have refused."""


def names(edition: Edition | None) -> tuple[str, ...]:
    """Of all exercises, sorted."""
    if edition is None:
        return ()
    return tuple(exercise_names(EditionFiles(edition)))


def find(edition: Edition | None, name: str) -> Exercise:
    """Raises NoExercise and BrokenExercise."""
    if edition is None:
        raise NoExercise(name)
    return read(edition, name)


def shown_to(visit: Visit, name: str) -> tuple[Edition, Exercise]:
    """What is published now, where this visitor may see it: students see an exercise while its tutorial can be read.
    Raises NoExercise and BrokenExercise."""
    edition = editions.shown(visit.course)
    if edition is None or not (visit.teaches or outline_of(edition).is_open(name, timezone.now())):
        raise NoExercise(name)
    edition.course = visit.course
    return edition, read(edition, name)


@lru_cache(maxsize=KEPT_MAX)  # an edition never changes
def read(edition: Edition, name: str) -> Exercise:
    try:
        return exercise_in(EditionFiles(edition), name)
    except KeyError:
        raise NoExercise(name) from None
    except (Faults, UnicodeDecodeError) as fault:
        log.warning("exercise %s of %s cannot be read: %s", name, edition, fault)
        raise BrokenExercise(name) from fault


def find_or_none(edition: Edition | None, name: str) -> Exercise | None:
    """For lists, which go on without one that is gone or cannot be read."""
    try:
        return find(edition, name)
    except (NoExercise, BrokenExercise):
        return None


def terms(course: Course, exercise: Exercise) -> Terms:
    """What its file says, with what a lecturer has set for this course."""
    return with_conditions(exercise, Conditions.objects.filter(course=course, exercise=exercise.name).first())


def terms_now(edition: Edition, exercise: Exercise) -> Terms:
    """The same for handing in: when its tutorial closes, it does."""
    found = terms(edition.course, exercise)
    closing = outline_of(edition).closes(exercise.name, timezone.now())
    return replace(found, closes=earliest(found.closes, closing))


def with_conditions(exercise: Exercise, conditions: Conditions | None) -> Terms:
    policy = exercise.policy
    due = conditions.due if conditions else None
    return Terms(
        attempts_max=policy.attempts_max,
        counts=policy.counts.value,
        penalty_percent=policy.penalty_percent,
        due=due,
        late_percent=policy.late.percent_a_day,
        closes=earliest(last_moment(due, policy.late), conditions.closes if conditions else None),
    )


def last_moment(due: datetime | None, late: Late) -> datetime | None:
    """After which nothing is accepted, by what the file of the exercise says of lateness."""
    if due is None or not late.is_accepted:
        return due
    if late.days_max is None:
        return None
    try:
        return due + timedelta(days=late.days_max)
    except OverflowError:  # it is due when there are no years any more
        return None


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)

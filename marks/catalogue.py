"""The exercises of a course, as its editions have them, and on what terms they are handed in."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from courses import editions
from courses.models import Course, Edition
from exercises import reading
from exercises.exercise import Exercise, Late
from exercises.faults import Faults
from marks.models import Conditions
from marks.rules import Terms

FOLDER: Final = "exercises/"
ENDING: Final = ".md"
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
    return tuple(
        name[len(FOLDER) : -len(ENDING)]
        for name in editions.names(edition)
        if name.startswith(FOLDER) and name.endswith(ENDING) and "/" not in name[len(FOLDER) :]
    )


def find(edition: Edition | None, name: str) -> Exercise:
    """Raises NoExercise and BrokenExercise."""
    if edition is None:
        raise NoExercise(name)
    return read(edition, name)


@lru_cache(maxsize=KEPT_MAX)  # an edition never changes
def read(edition: Edition, name: str) -> Exercise:
    text = editions.read(edition, f"{FOLDER}{name}{ENDING}")
    if text is None:
        raise NoExercise(name)
    beside = f"{FOLDER}{name}/"
    given = {
        path[len(beside) :]: editions.read(edition, path) or b""
        for path in editions.names(edition)
        if path.startswith(beside)
    }
    try:
        return reading.read(name, text.decode(), given)
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
    return None if late.days_max is None else due + timedelta(days=late.days_max)


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)

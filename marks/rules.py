"""Which attempt counts and for how much: limits, penalties, lateness, weights. Pure; for standing.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

DAY: Final = timedelta(days=1)
DECIMALS: Final = 2
STUCK_TRIES: Final = 3


@dataclass(frozen=True)
class Terms:
    """On what an exercise is handed in. A None bounds nothing."""

    attempts_max: int | None = None
    counts: str = "best"  # or "last"
    penalty_percent: float = 0.0  # of the points, for each attempt before
    due: datetime | None = None
    late_percent: float = 0.0  # of the points, for each day begun after that
    closes: datetime | None = None


@dataclass(frozen=True)
class Tried:
    """An attempt that has been marked."""

    number: int  # from 1
    points: float
    of_points: float
    submitted: datetime
    free_before: int = 0  # attempts that cost nothing


@dataclass(frozen=True)
class Counted:
    """The attempt that counts, and what is left of its points."""

    number: int
    points: float
    of_points: float


@dataclass(frozen=True)
class Part:
    """One exercise in the total. Points are None where nothing was handed in."""

    weight: float
    points: float | None
    of_points: float | None


class Refusal(Enum):
    CLOSED = "closed"
    NO_MORE = "no_more"


def is_late(terms: Terms, at: datetime) -> bool:
    """At the very moment it is due, it is in time."""
    return terms.due is not None and at > terms.due


def days_late(terms: Terms, at: datetime) -> int:
    """Days begun."""
    if terms.due is None or at <= terms.due:
        return 0
    return -((terms.due - at) // DAY)


def refusal(terms: Terms, attempts_used: int, at: datetime) -> Refusal | None:
    """Why no more can be handed in."""
    if terms.closes is not None and at > terms.closes:
        return Refusal.CLOSED
    if terms.attempts_max is not None and attempts_used >= terms.attempts_max:
        return Refusal.NO_MORE
    return None


def share(terms: Terms, number: int, submitted: datetime) -> float:
    """What part of the points of this attempt counts, 0 to 1. Penalties and lateness are added up, of the whole."""
    lost_percent = terms.penalty_percent * (number - 1) + terms.late_percent * days_late(terms, submitted)
    return min(1.0, max(0.0, 1.0 - lost_percent / 100))


def counted(terms: Terms, tried: Sequence[Tried]) -> Counted | None:
    """None where nothing has been marked. Of equally good ones the earliest counts."""
    worth = []
    for one in sorted(tried, key=lambda one: one.number):
        part = share(terms, one.number - one.free_before, one.submitted)
        worth.append(Counted(one.number, round(one.points * part, DECIMALS), one.of_points))
    if not worth:
        return None
    return worth[-1] if terms.counts == "last" else max(worth, key=portion)


def portion(one: Counted) -> float:
    """Of the points that there are: an exercise marked again may have others than before."""
    return one.points / one.of_points if one.of_points else 0.0


def total_percent(parts: Iterable[Part]) -> float:
    """Of everything that has a weight; what was not handed in counts nothing."""
    reached = possible = 0.0
    for part in parts:
        possible += part.weight
        if part.points is not None and part.of_points:
            reached += part.weight * part.points / part.of_points
    return round(100 * reached / possible, 1) if possible else 0.0


def is_stuck(tries: int, points: float | None, of_points: float | None) -> bool:
    """Somebody to look after: tried again and again, and has not all of it."""
    return tries >= STUCK_TRIES and (points is None or of_points is None or points < of_points)

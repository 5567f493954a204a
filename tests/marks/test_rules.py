"""Which attempt counts and for how much, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from marks.rules import Counted, Part, Refusal, Terms, Tried, counted, days_late, is_late, refusal, share, total_percent

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def tried(*points: float, at: datetime = DUE, of_points: float = 10) -> list[Tried]:
    return [Tried(number, one, of_points, at) for number, one in enumerate(points, 1)]


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (-DAY, 0),
        (-SECOND, 0),
        (0 * SECOND, 0),
        (SECOND, 1),
        (DAY - SECOND, 1),
        (DAY, 1),
        (DAY + SECOND, 2),
        (7 * DAY, 7),
    ],
)
def test_days_late(after: timedelta, days: int) -> None:
    terms = Terms(due=DUE)
    assert days_late(terms, DUE + after) == days
    assert is_late(terms, DUE + after) == (days > 0)


def test_without_a_date_nothing_is_late() -> None:
    assert (days_late(Terms(), DUE), is_late(Terms(), DUE)) == (0, False)


@pytest.mark.parametrize(
    ("terms", "points", "number", "worth"),
    [
        (Terms(), (3, 7, 5), 2, 7),
        (Terms(), (7, 3, 7), 1, 7),  # equally good: the earliest
        (Terms(), (0, 0), 1, 0),
        (Terms(counts="last"), (3, 7, 5), 3, 5),
        (Terms(counts="last"), (9, 0), 2, 0),
        (Terms(penalty_percent=10), (5, 10), 2, 9),
        (Terms(penalty_percent=50), (6, 10), 1, 6),
        (Terms(penalty_percent=50), (0, 0, 10), 1, 0),  # the third is worth nothing any more
        (Terms(counts="last", penalty_percent=10), (10, 10, 10), 3, 8),
        (Terms(penalty_percent=100 / 3), (0, 10), 2, 6.67),
    ],
)
def test_what_counts(terms: Terms, points: tuple[float, ...], number: int, worth: float) -> None:
    assert counted(terms, tried(*points)) == Counted(number, worth, 10)


def test_they_may_come_in_any_order() -> None:
    assert counted(Terms(counts="last"), tried(1, 2, 3)[::-1]) == Counted(3, 3, 10)


def test_nothing_marked_is_no_mark() -> None:
    assert counted(Terms(), []) is None


def test_of_how_many_points_may_change_between_two() -> None:
    now = Tried(2, 4, 4, DUE)
    assert counted(Terms(), [Tried(1, 5, 10, DUE), now]) == Counted(2, 4, 4)


@pytest.mark.parametrize(
    ("terms", "number", "after", "part"),
    [
        (Terms(due=DUE, late_percent=20), 1, 0 * DAY, 1.0),
        (Terms(due=DUE, late_percent=20), 1, HOUR, 0.8),
        (Terms(due=DUE, late_percent=20), 1, DAY + HOUR, 0.6),
        (Terms(due=DUE, late_percent=20), 1, 30 * DAY, 0.0),
        (Terms(due=DUE), 1, 30 * DAY, 1.0),
        (Terms(due=DUE, late_percent=20, penalty_percent=10), 3, HOUR, 0.6),
        (Terms(penalty_percent=-50), 3, HOUR, 1.0),  # nothing is worth more than all
    ],
)
def test_share(terms: Terms, number: int, after: timedelta, part: float) -> None:
    assert share(terms, number, DUE + after) == pytest.approx(part)


@pytest.mark.parametrize(
    ("terms", "used", "after", "why"),
    [
        (Terms(), 1000, DAY, None),
        (Terms(attempts_max=3), 2, DAY, None),
        (Terms(attempts_max=3), 3, DAY, Refusal.NO_MORE),
        (Terms(closes=DUE), 0, 0 * DAY, None),
        (Terms(closes=DUE), 0, SECOND, Refusal.CLOSED),
        (Terms(closes=DUE, attempts_max=1), 1, SECOND, Refusal.CLOSED),
        (Terms(due=DUE), 0, DAY, None),
    ],
)
def test_refusal(terms: Terms, used: int, after: timedelta, why: Refusal | None) -> None:
    assert refusal(terms, used, DUE + after) == why


@pytest.mark.parametrize(
    ("parts", "percent"),
    [
        ([], 0),
        ([Part(1, 5, 10)], 50),
        ([Part(1, 5, 10), Part(3, 10, 10)], 87.5),
        ([Part(1, 10, 10), Part(1, None, None)], 50),
        ([Part(0, 10, 10)], 0),
        ([Part(2, 1, 3)], 33.3),
        ([Part(1, 0, 0), Part(1, 2, 2)], 50),
    ],
)
def test_total(parts: list[Part], percent: float) -> None:
    assert total_percent(parts) == percent

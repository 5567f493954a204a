"""Percentiles are nearest rank: every one of them was measured."""

from __future__ import annotations

import pytest

from bench.spread import median, percentile, spread


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.505, 51), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_percentile_of_one_to_a_hundred(share: float, expected: int) -> None:
    assert percentile(range(1, 101), share) == expected


def test_order_does_not_matter() -> None:
    seen = spread([5.0, 1.0, 3.0])
    assert (seen.count, seen.least, seen.p50, seen.p99, seen.most) == (3, 1.0, 3.0, 5.0, 5.0)


def test_one_value_is_every_percentile() -> None:
    seen = spread([0.25])
    assert seen.least == seen.p50 == seen.p99 == seen.most == 0.25


def test_median_of_an_even_number_is_a_measured_value() -> None:
    assert median([1.0, 2.0, 10.0, 20.0]) == 2.0


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no measurements"):
        spread([])

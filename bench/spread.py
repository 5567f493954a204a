"""Where a list of measurements lies: percentiles and medians. Pure; used by every part of the bench."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """All in the unit of the values it was made from."""

    count: int
    p50: float
    p99: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Raises ValueError for no values: there is nothing honest to say about them."""
    if not values:
        raise ValueError("no measurements")
    ordered = sorted(values)
    return Spread(len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[0], ordered[-1])


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that at least `share` of all values do not exceed. Never an invented value."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    return spread(values).p50

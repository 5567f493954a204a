"""What a part of the bench found: figures for machines, rows for people, and whether a promise was kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Bound(StrEnum):
    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True)
class Target:
    """A figure that is promised."""

    bound: Bound
    value: float

    def is_reached_by(self, value: float) -> bool:
        return value <= self.value if self.bound is Bound.AT_MOST else value >= self.value


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    target: Target | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "reached" if self.target.is_reached_by(self.value) else "NOT reached"


@dataclass
class Section:
    """One table, the figures behind it and what must be said with them."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complete: bool = True  # False when a part of ours could not be measured at all

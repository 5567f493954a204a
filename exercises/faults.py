"""What is wrong with the text of an exercise, told to the lecturer who writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    line: int  # from 1
    reason: str


class Faults(Exception):
    """Everything that is wrong with one text, in the order of its lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("; ".join(f"line {fault.line}: {fault.reason}" for fault in self.faults))

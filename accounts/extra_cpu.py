"""CPU that somebody was granted for one run of a program. console asks when it starts one; allowances knows of grants.

Neither imports the other, so who grants says so here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Taken:
    """What a run has beside its limit. `request` and `day` say what it was taken from."""

    cpu_seconds: float
    request: int
    day: date


class Granter(Protocol):
    """Both ask the database, so neither is for the event loop."""

    def take(self, owner: str, file: str) -> Taken | None:
        """For this run, which uses it up; None where nothing was granted."""

    def give_back(self, taken: Taken) -> None:
        """It was not started."""


class Nobody:
    """Grants nothing."""

    def take(self, owner: str, file: str) -> Taken | None:
        return None

    def give_back(self, taken: Taken) -> None:
        """Nothing was taken."""


granter: Granter = Nobody()


def granted_by(chosen: Granter) -> None:
    """Once, when the site starts."""
    global granter
    granter = chosen

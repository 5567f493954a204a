"""Through which every program goes, run, console or service: may it start now, and for whom is it counted.

Held by supervisor.py, asked by caller.py and sessions.py.
"""

from __future__ import annotations

from sandbox import budget
from sandbox.admission import Admission
from sandbox.cell import Cell
from sandbox.census import Census
from sandbox.limits import Limits


class Gate:
    def __init__(self, census: Census, reserve_bytes: int) -> None:
        self.census = census
        self.admission = Admission(census.load.memory_available_bytes, reserve_bytes, census.goes_first)
        self.watch = budget.Watch(census)

    def check(self, owner: str, limits: Limits) -> None:
        """Raises OverBudget."""
        budget.check(self.census.person(owner), limits)

    def take_in(self, owner: str, cell: Cell) -> None:
        """The cell is about to be given to this owner's program. Raises OSError; it is not counted then."""
        self.census.take_in(owner, cell)
        self.watch.wake()

    def close(self) -> None:
        self.admission.close()
        self.watch.close()
        self.census.close()

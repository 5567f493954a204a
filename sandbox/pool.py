"""Parked jails of one kind, for whoever comes next. Filled by nursery.py, one at a time."""

from __future__ import annotations

from collections import deque

from sandbox.cell import Cell
from sandbox.limits import Limits


class Pool:
    """Its limits follow what was last asked for."""

    def __init__(self, limits: Limits, wanted: int, *, has_terminal: bool = False) -> None:
        self.limits = limits
        self.wanted = wanted
        self.has_terminal = has_terminal
        self.spares: deque[Cell] = deque()

    @property
    def is_full(self) -> bool:
        return len(self.spares) >= self.wanted

    def take(self, limits: Limits, *, follows: bool = True) -> Cell | None:
        """A parked jail with these limits, if there is one. One that has died is passed over, buried or not.

        Without `follows` who asks for other limits gets none, and the spares stay as they are.
        """
        if limits != self.limits:
            if not follows:
                return None
            self.limits = limits
            self.drop()
        while self.spares:
            spare = self.spares.popleft()
            if spare.lives():
                return spare
            spare.kill()
        return None

    def add(self, cell: Cell) -> None:
        if cell.limits == self.limits:
            self.spares.append(cell)
        else:
            cell.kill()

    def drop(self) -> None:
        for spare in self.spares:
            spare.kill()
        self.spares.clear()

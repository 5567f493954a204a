"""Whose turn it is: so many runs at once, so many of one owner, the owners in rotation. Decides; starts nothing."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sandbox.standing import with_reserve

Waiting = TypeVar("Waiting")


class QueueFull(Exception):
    """`retry_after_seconds`: a fair guess of when there is room; `ahead` is how many wait."""

    def __init__(self, retry_after_seconds: int, ahead: int) -> None:
        super().__init__("too many programs are waiting")
        self.retry_after_seconds = retry_after_seconds
        self.ahead = ahead


@dataclass
class Turns(Generic[Waiting]):
    most_running: int
    most_running_of_owner: int
    most_waiting: int
    most_waiting_of_owner: int
    goes_first: Callable[[str], bool] = lambda owner: False
    has_reserve: bool = False  # of turns, for who goes first
    running: Counter[str] = field(default_factory=Counter)
    waiting: OrderedDict[str, deque[Waiting]] = field(default_factory=OrderedDict)

    @property
    def running_count(self) -> int:
        return self.running.total()

    @property
    def waiting_count(self) -> int:
        return sum(len(line) for line in self.waiting.values())

    def has_room(self, owner: str) -> bool:
        most = with_reserve(self.most_running, goes_first=self.has_reserve and self.goes_first(owner))
        return self.running_count < most and self.running[owner] < self.most_running_of_owner

    def enter(self, owner: str, item: Waiting) -> bool:
        """True when it may start now; False when it has to wait. Raises QueueFull."""
        line = self.waiting.get(owner)
        if not line and self.has_room(owner):
            self.running[owner] += 1
            return True
        is_full = self.waiting_count >= self.most_waiting and not self.goes_first(owner)
        if is_full or len(line or ()) >= self.most_waiting_of_owner:
            raise QueueFull(1 + self.waiting_count // self.most_running, self.waiting_count)
        self.waiting.setdefault(owner, deque()).append(item)
        return False

    def leave(self, owner: str) -> list[Waiting]:
        """A run of `owner` is over; returns those that may start now, counted as running."""
        self.running[owner] -= 1
        if not self.running[owner]:
            del self.running[owner]
        return self.call()

    def give_up(self, owner: str, item: Waiting) -> None:
        """It no longer waits."""
        line = self.waiting.get(owner)
        if line and item in line:
            line.remove(item)
            if not line:
                del self.waiting[owner]

    def call(self) -> list[Waiting]:
        called: list[Waiting] = []
        for owner in sorted(self.waiting, key=lambda owner: not self.goes_first(owner)):
            if self.has_room(owner):
                line = self.waiting[owner]
                called.append(line.popleft())
                self.running[owner] += 1
                self.waiting.move_to_end(owner)
                if not line:
                    del self.waiting[owner]
        return called

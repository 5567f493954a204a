"""One replacement of children by new ones: begun by the steward when it is asked to, carried on at each of its steps.

Where two may overlap the new one serves before the old one is told to end, so nobody is refused. Where they may not,
the old one is gone first. One that does not begin stops it all: what still runs is better than nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ivle.child import Child, Life


class Starter(Protocol):
    """The steward, as far as this needs it."""

    def begin(self, child: Child) -> Life: ...

    def hear_out(self, child: Child, life: Life) -> None: ...

    def patience_with(self, child: Child) -> float: ...


class Renewal:
    """`told` hears each step as a sentence; `over` whether all was done. `notice_seconds` is waited for before one that
    overlaps nobody is ended."""

    def __init__(
        self,
        steward: Starter,
        children: Sequence[Child],
        told: Callable[[str], None],
        over: Callable[[bool], None],
        before_gap: Callable[[], float],
    ) -> None:
        self.steward = steward
        self.waiting = deque(child for child in children if not child.left)
        self.told = told
        self.over = over
        self.before_gap = before_gap
        self.child: Child | None = None  # which is being replaced
        self.old: Life | None = None
        self.step: Callable[[], None] = self.take_next
        self.latest: float | None = 0.0  # when to look again, whatever happens

    def go_on(self) -> None:
        """One step, where there is one to take."""
        self.step()

    def take_next(self) -> None:
        self.latest = None
        if not self.waiting:
            self.finish(True)
            return
        child = self.child = self.waiting.popleft()
        self.old = child.life
        if self.old is None:  # it is dead, and begins anew anyway
            self.latest = 0.0
        elif child.overlaps:
            child.life = None
            self.steward.begin(child)
            self.step = self.wait_for_new
        else:
            self.latest = time.monotonic() + self.before_gap()
            self.step = self.give_notice

    def wait_for_new(self) -> None:
        child = self.child
        if child is None or child.life is None:
            return
        if child.life.ready_since is not None:
            self.end_old()

    def give_notice(self) -> None:
        if self.latest is not None and time.monotonic() >= self.latest:
            self.end_old()

    def end_old(self) -> None:
        if self.child is None or self.old is None:
            return
        self.old.process.terminate()
        self.latest = time.monotonic() + self.steward.patience_with(self.child)
        self.step = self.wait_for_old

    def wait_for_old(self) -> None:
        child, old = self.child, self.old
        if child is None or old is None:
            return
        if old.process.poll() is None:
            if self.latest is None or time.monotonic() < self.latest:
                return
            self.told(f"The old {child.name} does not end by itself and is killed.")
            old.process.kill()
            old.process.wait()
        self.steward.hear_out(child, old)
        self.old = None
        if not child.overlaps:
            child.life = None
            self.steward.begin(child)
            self.step = self.wait_for_only
            self.latest = None
            return
        self.done()

    def wait_for_only(self) -> None:
        if self.child is not None and self.child.life is not None and self.child.life.ready_since is not None:
            self.done()

    def done(self) -> None:
        if self.child is not None:
            self.told(f"The {self.child.name} is new.")
        self.step, self.latest = self.take_next, 0.0

    def is_to_end(self, child: Child, life: Life) -> bool:
        """Asked when one has died: is that ours to deal with?"""
        if child is not self.child:
            return False
        if life is self.old:  # as it should; the next step sees it
            self.old = life
            return True
        if self.step == self.wait_for_new and self.old is not None:
            child.life, self.old = self.old, None
            self.told(f"The new {child.name} does not begin, see its words above. The old one goes on.")
            self.finish(False)
            return True
        self.finish(False)
        return False

    def finish(self, well: bool) -> None:
        self.child, self.latest = None, None
        self.step = lambda: None
        self.over(well)

    def abandon(self) -> None:
        """Everything ends: the old one at once."""
        if self.old is not None and self.old.process.poll() is None:
            self.old.process.kill()
            self.old.process.wait()

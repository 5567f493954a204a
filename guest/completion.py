"""What TAB offers at the prompt: names and attributes that exist now. Used by repl.py.

It runs in the student's process and calls the student's own methods, which may do anything: whatever takes longer than
a moment is interrupted, and whatever fails offers nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any


def finder() -> Any:
    """rlcompleter's, without the copy of it that would enter itself into readline and into what runs at exit."""
    kept: dict[str, ModuleType] = {
        name: sys.modules.pop(name) for name in ("readline", "rlcompleter") if name in sys.modules
    }
    sys.modules["readline"] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("rlcompleter").Completer
    finally:
        for name in ("readline", "rlcompleter"):
            sys.modules.pop(name, None)
        sys.modules.update(kept)


Finder = finder()
MOMENT_SECONDS = 0.5
AGAIN_SECONDS = 0.05  # for methods that catch everything, the interruption too
OFFERS_MAX = 2000


class TookTooLong(BaseException):
    """Not an Exception: a method's own `except Exception` shall not swallow it."""


class Completion:
    """`offer` is what readline calls, with state 0, 1, 2 ... until it gives None."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.completer = Finder(namespace)
        self.offers: list[str] = []

    def offer(self, text: str, state: int) -> str | None:
        if state == 0:
            self.offers = self.find(text) if text.strip() else ["    "]
        return self.offers[state] if state < len(self.offers) else None

    def find(self, text: str) -> list[str]:
        matches = self.completer.attr_matches if "." in text else self.completer.global_matches
        try:
            with interrupted_after(MOMENT_SECONDS):
                return list(matches(text)[:OFFERS_MAX])
        except (Exception, TookTooLong):
            return []


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Raises TookTooLong inside of the block. An alarm of the program's own goes on afterwards."""
    is_inside = True

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if is_inside:
            raise TookTooLong

    theirs = signal.signal(signal.SIGALRM, interrupt)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        try:
            yield
        finally:
            is_inside = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if theirs is None else theirs)
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, remaining, interval)

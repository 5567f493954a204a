"""Turns of visitors: of the programs of one owner that run at a time, those that others look at are at most half. So a
crowd before somebody's pages does not keep them from their own, nor their work from being checked. For program.py.

Each web process has its part of them, and at least one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from django.conf import settings
from django.utils.translation import gettext as _

from cgirunner.refusal import Refusal

RETRY: Final = ((b"Retry-After", b"5"),)


@dataclass
class Line:
    """Before the pages of one owner. `people` have a turn or wait for one."""

    turns: asyncio.Semaphore
    people: int = 0


_lines: Final[dict[str, Line]] = {}


class Turn:
    """An async context manager. Entering waits for the turn, and raises Refusal where too many wait before."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.line: Line | None = None

    async def __aenter__(self) -> Self:
        at_once = max(1, settings.IVLE_RUNS_AT_ONCE_PER_OWNER // 2 // settings.IVLE_WEB_PROCESSES)
        waiting = settings.IVLE_RUNS_WAITING_PER_OWNER // settings.IVLE_WEB_PROCESSES
        line = _lines.get(self.owner) or _lines.setdefault(self.owner, Line(asyncio.Semaphore(at_once)))
        if line.people >= at_once + waiting:
            sentence = _("Many people look at this owner’s pages right now. Try again in a few seconds.")
            raise Refusal(503, sentence, RETRY)
        line.people += 1
        try:
            await line.turns.acquire()
        except asyncio.CancelledError:
            self.go_away(line)
            raise
        self.line = line
        return self

    def leave(self) -> None:
        """When the program is over, however long its output takes to the visitor; later calls do nothing."""
        line, self.line = self.line, None
        if line is not None:
            line.turns.release()
            self.go_away(line)

    def go_away(self, line: Line) -> None:
        line.people -= 1
        if not line.people:
            del _lines[self.owner]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

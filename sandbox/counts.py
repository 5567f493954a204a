"""What the supervisor has seen since it began: how programs ended, how soon they started, what it refused. No names.

Beside the counts, the last few ends with their owners, for the administrator's page. caller.py and session.py tell it.
"""

from __future__ import annotations

import secrets
import time
from bisect import bisect_left
from collections import Counter, deque
from enum import StrEnum
from itertools import accumulate
from typing import Any

from sandbox import saying
from sandbox.faults import MachineShort, OverBudget, SandboxBusy, SandboxError, SandboxRefused, SandboxUnavailable
from sandbox.outcome import Outcome

START_BOUNDS_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
RECENT_MAX = 200
FAULT = "fault"  # in place of an Ended: the jail was lost, or there was none


class Entry(StrEnum):
    """By which way a program came."""

    RUN = "run"  # a page
    CONSOLE = "console"
    SERVICE = "service"  # a language server
    TEST = "test"  # of an exercise: a run without a home


REFUSALS: dict[type[SandboxError], str] = {
    SandboxBusy: "busy",
    OverBudget: "budget",
    MachineShort: "short",
    SandboxRefused: "refused",
    SandboxUnavailable: "unavailable",
}


class Starts:
    """A histogram: how many started within each bound, and how long all took together."""

    def __init__(self) -> None:
        self.numbers = [0] * (len(START_BOUNDS_SECONDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.numbers[bisect_left(START_BOUNDS_SECONDS, seconds)] += 1
        self.seconds += seconds

    def as_message(self) -> dict[str, Any]:
        """`within` belongs to START_BOUNDS_SECONDS and, last, to any time at all."""
        return {"within": list(accumulate(self.numbers)), "seconds": round(self.seconds, 6)}


class Counts:
    """Numbers only grow; `boot` says of which supervisor they are."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(8)
        self.outcomes: dict[Entry, Counter[str]] = {entry: Counter() for entry in Entry}
        self.refusals: dict[Entry, Counter[str]] = {entry: Counter() for entry in Entry}
        self.starts: dict[Entry, Starts] = {entry: Starts() for entry in Entry}
        self.cpu_seconds: dict[Entry, float] = dict.fromkeys(Entry, 0.0)  # of programs that have ended
        self.recent: deque[dict[str, Any]] = deque(maxlen=RECENT_MAX)

    def started(self, entry: Entry, seconds: float) -> None:
        """It has its jail, so long after it was asked for."""
        self.starts[entry].add(seconds)

    def ended(self, entry: Entry, owner: str, job: str, outcome: Outcome | None) -> None:
        """None: its jail was lost by a fault of ours."""
        how = outcome.ended.value if outcome else FAULT
        self.outcomes[entry][how] += 1
        about: dict[str, Any] = {"entry": entry.value, "owner": owner, "job": job, "ended": how}
        if outcome is not None:
            self.cpu_seconds[entry] += outcome.cpu_seconds
            about |= {
                "exit_status": outcome.exit_status,
                "signal": outcome.signal,
                "cpu_seconds": outcome.cpu_seconds,
                "wall_seconds": outcome.wall_seconds,
                "memory_bytes": outcome.memory_bytes,
            }
        self.note(about)

    def refused(self, entry: Entry, owner: str, job: str, error: SandboxError) -> None:
        """It was never begun: what the machine or its administrator does not allow, or a fault of ours."""
        why = REFUSALS.get(type(error))
        if why is None:
            self.ended(entry, owner, job, None)
            return
        self.refusals[entry][why] += 1
        if isinstance(error, MachineShort):
            return  # who waits asks again every few seconds, and would be all that is noted
        self.note({"entry": entry.value, "owner": owner, "job": job, "ended": why})

    def note(self, about: dict[str, Any]) -> None:
        saying.tell("a program has ended", **about)
        self.recent.append({"at": round(time.time(), 3), **about})

    def as_message(self) -> dict[str, Any]:
        return {
            "boot": self.boot,
            "outcomes": self.outcomes,
            "refusals": self.refusals,
            "starts": {entry: starts.as_message() for entry, starts in self.starts.items()},
            "cpu_seconds": {entry: round(self.cpu_seconds[entry], 6) for entry in Entry},
        }

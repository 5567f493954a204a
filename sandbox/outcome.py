"""How a student's program ended: a value, never an exception. Made by the supervisor, read by every caller."""

from __future__ import annotations

import signal as signals
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Ended(StrEnum):
    FINISHED = "finished"  # the program ended by itself, with any exit status
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"
    DISK = "disk"  # its owner's files grew past their room; whoever counts them stopped it
    BUDGET = "budget"  # its owner's programs together grew past what they may use; this was the largest
    KILLED = "killed"  # somebody stopped it: the reader went away, a person pressed Stop
    CRASHED = "crashed"  # died of a signal of its own: a segmentation fault, abort()


@dataclass(frozen=True)
class Outcome:
    ended: Ended
    exit_status: int | None  # of the main program, when it ended by itself
    signal: int | None  # what killed the main program, when it crashed
    cpu_seconds: float  # the whole process tree
    wall_seconds: float
    memory_bytes: int | None  # the tree's peak, where the machine can tell
    waited_seconds: float = 0.0  # ready to compute, and no processor was free; of one whose wall clock ran out

    @property
    def signal_name(self) -> str:
        """In the C library's words; its number where that has none."""
        number = self.signal or 0
        try:
            return signals.strsignal(number) or str(number)
        except ValueError:
            return str(number)

    def as_message(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Outcome:
        return cls(**{**message, "ended": Ended(message["ended"])})

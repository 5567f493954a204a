"""What to do when a child of `up` has died. Pure decisions, carried out by steward.py."""

from __future__ import annotations

import os
from enum import Enum
from typing import Final

PAUSES_SECONDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
BOOT_TRIES: Final = 3
STEADY_SECONDS: Final = 10.0  # who lived so long may begin with the short pauses again
CANNOT_WORK_HERE: Final = os.EX_CONFIG  # 78: trying again cannot help, the machine has to change


class Verdict(Enum):
    RESTART = "restart"
    LEAVE = "leave"  # it stays away, and the others go on without it
    GIVE_UP = "give up"  # everything ends


def verdict(exit_status: int, ever_ready: bool, deaths: int) -> Verdict:
    """`deaths`: how often in a row, this one included."""
    if exit_status == CANNOT_WORK_HERE:
        return Verdict.LEAVE
    if not ever_ready and deaths >= BOOT_TRIES:
        return Verdict.GIVE_UP
    return Verdict.RESTART


def deaths_in_a_row(before: int, ready_seconds: float) -> int:
    return 1 if ready_seconds >= STEADY_SECONDS else before + 1


def pause_seconds(deaths: int) -> float:
    return PAUSES_SECONDS[min(deaths, len(PAUSES_SECONDS)) - 1]


def describe(exit_status: int) -> str:
    """Popen's return code in words."""
    return f"killed by signal {-exit_status}" if exit_status < 0 else f"exit status {exit_status}"

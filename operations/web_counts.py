"""What the web processes count: requests by room and status, how long people waited for an answer, errors."""

from __future__ import annotations

import logging
import sys
from bisect import bisect_left
from collections import Counter
from pathlib import Path
from typing import Final

from django.conf import settings

from operations.log_lines import program_name
from operations.tallies import Tally, totals

ROOMS: Final = ("site", "api", "serve", "pages", "static", "socket", "none")
STATUSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx", "left")  # left: before there was an answer
WAIT_BOUNDS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ERRORS: Final = "errors"
PROGRAMS: Final = ("web", "marker", "warden")
NAMES: Final = (
    *(f"requests {room} {status}" for room in ROOMS for status in STATUSES),
    *(f"waits {room} {place}" for room in ROOMS for place in range(len(WAIT_BOUNDS_SECONDS) + 1)),
    *(f"wait_seconds {room}" for room in ROOMS),
    ERRORS,
)
_mine: tuple[Path, Tally] | None = None


def folder() -> Path:
    return Path(settings.IVLE_DATA / "run" / "tallies")


def mine() -> Tally:
    """This process's. In the tests each folder has its own."""
    global _mine
    where = folder()
    if _mine is None or _mine[0] != where:
        if _mine is not None:
            _mine[1].close()
        program = program_name(sys.argv)
        _mine = where, Tally(where, program if program in PROGRAMS else "other", NAMES)
    return _mine[1]


def count_request(room: str, status: str, wait_seconds: float) -> None:
    tally = mine()
    tally.add(f"requests {room} {status}")
    if status != "left":
        tally.add(f"waits {room} {bisect_left(WAIT_BOUNDS_SECONDS, wait_seconds)}")
        tally.add(f"wait_seconds {room}", wait_seconds)


def all_counts() -> dict[str, Counter[str]]:
    """By program."""
    return totals(folder(), NAMES)


class CountErrors(logging.Handler):
    """settings.LOGGING sends it what is an error."""

    def emit(self, record: logging.LogRecord) -> None:
        mine().add(ERRORS)

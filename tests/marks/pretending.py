"""`manage.py marker` in a process of its own. What marks is pretended: it takes a while, and leaves lines in a file.

`python -m tests.marks.pretending SECONDS FILE` with the variables of a site.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from pathlib import Path


def note(what: str, text: str) -> None:
    with Path(sys.argv[2]).open("a") as file:
        file.write(f"{os.getpid()} {what} {text}\n")


def pass_gate() -> None:
    """Which a test may hold closed."""
    with Path(f"{sys.argv[2]}.gate").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)


async def mark(exercise, files, socket, *, hidden, told=None, **how):
    from exercises.report import Report, TestResult

    note("began", files[exercise.main])
    await asyncio.sleep(float(sys.argv[1]))
    await asyncio.to_thread(pass_gate)
    return Report((TestResult("It greets", False, True, 1.0, 1.0),), 1.0, 1.0)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "ivle.settings"
    import django

    django.setup()
    from datetime import timedelta

    from django.core.management import call_command

    from exercises import marking
    from marks import catalogue, turns
    from marks import marking as writing
    from tests.marks.conftest import exercise

    marking.mark = mark
    write_down = writing.write_down

    def write(attempt, exercise, report):
        if write_down(attempt, exercise, report):
            note("wrote", attempt.files[exercise.main])

    writing.write_down = write
    catalogue.read = lambda edition, name: exercise(name)
    turns.HELD = timedelta(seconds=1.5)
    turns.HOLD_AGAIN_SECONDS = 0.3
    call_command("marker", at_once=2)


if __name__ == "__main__":
    main()

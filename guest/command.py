"""Runs a program that is not Python in this one's place. The entry "command" of a job, in the jail."""

from __future__ import annotations

import os
import signal
import sys

NOT_FOUND_STATUS = 127  # as a shell's


def run(argv: list[str]) -> int:
    """`argv[0]` is the program's path. Only comes back where there is none."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's own choice is not for other programs
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(argv[0], argv)  # noqa: S606
    except OSError as error:
        print(f"{argv[0]} cannot be started: {error.strerror}", file=sys.stderr)
    return NOT_FOUND_STATUS


def rehearse() -> None:
    """Another program takes over: nothing can be done beforehand."""

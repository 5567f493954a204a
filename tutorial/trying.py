"""Runs what a course says of itself: what its code prints, and that its exercises can be solved. For publishing.

Each block runs in a jail of its own that has nobody's home, with the files of the page's file boxes beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from django.utils.translation import gettext as _

from exercises import jails, proving
from exercises.faults import Faults
from exercises.jails import Place
from exercises.marking import as_sent
from sandbox.environments import STANDARD
from sandbox.limits import CGI, Limits
from sandbox.outcome import Ended, Outcome
from sandbox.standing import STUDENT
from tutorial.echoing import is_same, tidy
from tutorial.highlighting import PYTHON
from tutorial.page import Box, Expected, Fault, Listing, Page
from tutorial.references import Addresses
from tutorial.shelf import ENDING, exercise_names, page_names, read
from tutorial.texts import exercise_in, file_of

AT_ONCE: Final = 3
SHOWN_MAX_CHARACTERS: Final = 200
MAIN: Final = "main.py"
RUN: Final = ("", *PYTHON)  # what is in another language is shown with what it prints, and not tried


@dataclass(frozen=True)
class Progress:
    """So much is done; `what` was last."""

    done: int
    total: int
    what: str


@dataclass(frozen=True)
class Trial:
    """One thing to run. `what` is for people."""

    what: str
    run: Callable[[], Awaitable[tuple[Fault, ...]]]


@dataclass(frozen=True)
class Trier:
    """Tries one course."""

    files: Mapping[str, bytes]
    place: Place

    def trials(self, slug: str) -> Iterator[Trial]:
        for name in page_names(self.files):
            page, _faults = read(self.files, name, Addresses(slug))
            for block in page.blocks:
                if isinstance(block, Box | Listing) and block.expected and block.language in RUN:
                    yield self.of_block(page, block, block.expected)
        for name in exercise_names(self.files):
            yield self.of_exercise(name)

    def of_block(self, page: Page, block: Box | Listing, expected: Expected) -> Trial:
        what = block.name if isinstance(block, Box) else _("line %(line)d") % {"line": block.line}
        return Trial(f"{page.title}: {what}", lambda: self.try_block(page, block, expected))

    def of_exercise(self, name: str) -> Trial:
        return Trial(_("Exercise %(name)s") % {"name": name}, lambda: self.try_exercise(name))

    async def try_block(self, page: Page, block: Box | Listing, expected: Expected) -> tuple[Fault, ...]:
        """Raises SandboxError where it cannot be run at all."""
        setup = block.setup if isinstance(block, Box) else ""
        beside = {box.file.rpartition("/")[2]: box.text.encode() for box in page.boxes if box.kind == "file"}
        work = {
            "files": as_sent({**beside, MAIN: ((f"{setup.rstrip()}\n" if setup else "") + block.text).encode()}),
            "main": MAIN,
            "stdin": expected.typed,
            "arguments": [],
            "written": [],
        }
        ran = await jails.run(self.place, "attempt", "program", work, self.place.limits)
        reason = await asyncio.to_thread(reason_against, ran.outcome, ran.stdout, ran.stderr, expected)
        return (Fault(page.name + ENDING, block.line, reason),) if reason else ()

    async def try_exercise(self, name: str) -> tuple[Fault, ...]:
        """Raises SandboxError."""
        file = file_of(name)
        try:
            exercise = exercise_in(self.files, name)
        except Faults as faults:
            return tuple(Fault(file, fault.line, fault.reason) for fault in faults.faults)
        except UnicodeDecodeError:
            return (Fault(file, 0, _("This is not text in UTF-8.")),)
        place = self.place
        found = await proving.prove(
            exercise,
            place.socket,
            owner=place.owner,
            limits=place.limits,
            environment=place.environment,
            budget_bytes=place.budget_bytes,
        )
        return tuple(Fault(file, fault.line, fault.reason) for fault in found)


def reason_against(outcome: Outcome, stdout: str, stderr: str, expected: Expected) -> str:
    """Why this is not what the page says; "" where it is. An error is what is expected where its text is."""
    if outcome.ended is not Ended.FINISHED:
        return _("This code was stopped: it took too much time, memory or output.")
    if expected.output is None:
        return (
            "" if outcome.exit_status == 0 else _("This code ends with an error: %(error)s") % {"error": last(stderr)}
        )
    if is_same(stdout, expected.output, expected.typed) or is_same(stdout + stderr, expected.output, expected.typed):
        return ""
    if stderr and outcome.exit_status:
        return _("This code ends with an error: %(error)s") % {"error": last(stderr)}
    return difference(stdout.splitlines(), expected.output.splitlines())


def last(errors: str) -> str:
    lines = errors.strip().splitlines()
    return lines[-1][:SHOWN_MAX_CHARACTERS] if lines else ""


def difference(came: list[str], wanted: list[str]) -> str:
    """The first line that is another than was said."""
    pairs = zip_longest(came, wanted)
    number, line = next((at, pair[0]) for at, pair in enumerate(pairs, 1) if tidy(pair[0] or "") != tidy(pair[1] or ""))
    if line is None:
        return _("This prints %(count)d lines, and its output block has more.") % {"count": len(came)}
    values = {"number": number, "line": line[:SHOWN_MAX_CHARACTERS]}
    return _("This prints something else than its output block says. Line %(number)d of it is: %(line)s") % values


async def try_course(
    files: Mapping[str, bytes],
    slug: str,
    socket: str,
    *,
    owner: str,
    told: Callable[[Progress], None] | None = None,
    limits: Limits = CGI,
    environment: str = STANDARD,
    budget_bytes: int = STUDENT.memory_bytes,
) -> tuple[Fault, ...]:
    """All that is wrong. `owner` is whose turns the runs take. Raises SandboxError where that cannot be known."""
    trier = Trier(files, Place(socket, owner, limits, environment, budget_bytes=budget_bytes))
    trials = await asyncio.to_thread(lambda: list(trier.trials(slug)))
    turns = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def one(trial: Trial) -> tuple[Fault, ...]:
        nonlocal done
        async with turns:
            faults = await trial.run()
        done += 1
        if told:
            told(Progress(done, len(trials), trial.what))
        return faults

    if told:
        told(Progress(0, len(trials), ""))
    tasks = [asyncio.ensure_future(one(trial)) for trial in trials]
    try:
        found = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return tuple(sorted({fault for faults in found for fault in faults}))

"""Whether a start costs more when much is running: a few runs alive against 500, in turns, from spares both times."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import replace

from bench import targets
from bench.findings import Figure, Section
from bench.jail import PAUSE_SECONDS, PROGRAM
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.supervisor import Supervisor, supervising
from sandbox.faults import SandboxError
from sandbox.limits import CGI

ROOM = ("--most-running", "600", "--most-running-of-owner", "600")
LIMITS = replace(CGI, wall_seconds=300.0)  # of the sleepers and of what is measured: spares are kept for one kind only
WARM_UP_STARTS = 10
ROUNDS = 2


def measure(settings: Settings) -> Section:
    columns = ("asleep meanwhile", "first byte p50 ms", "p99 ms", "outcome p50 ms", "starts")
    section = Section("crowd", "A start from a spare, while others are alive", columns)
    try:
        with supervising(settings, *ROOM) as supervisor:
            asyncio.run(compare(section, supervisor, settings))
    except (NotStarted, SandboxError) as error:
        section.complete = False
        section.notes.append(str(error))
    return section


async def compare(section: Section, supervisor: Supervisor, settings: Settings) -> None:
    alone: list[tuple[float, float]] = []
    crowded: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        alone += await starts(supervisor, settings.starts // ROUNDS)
        with contextlib.ExitStack() as crowd:
            for _ in range(settings.crowd):
                _, output = crowd.enter_context(supervisor.begun("sleeper.py", limits=LIMITS))
                await asyncio.to_thread(os.read, output, 1)  # it sleeps from here
            crowded += await starts(supervisor, settings.starts // ROUNDS)
    medians = [row(section, name, times) for name, times in (("0", alone), (str(settings.crowd), crowded))]
    ratio = medians[1] / medians[0]
    section.figures.append(
        Figure(f"first byte p50, {settings.crowd} alive / none", ratio, "x", targets.CROWDED_TO_ALONE)
    )


async def starts(supervisor: Supervisor, count: int) -> list[tuple[float, float]]:
    """Seconds until the first byte and until the outcome."""
    times = []
    for number in range(WARM_UP_STARTS + count):
        await asyncio.sleep(PAUSE_SECONDS)
        timed = await supervisor.timed(PROGRAM, limits=LIMITS)
        if number >= WARM_UP_STARTS:
            times.append((timed.first_byte, timed.ended))
    return times


def row(section: Section, name: str, times: list[tuple[float, float]]) -> float:
    """The median first byte, in milliseconds."""
    byte, outcome = (spread([1000 * value for value in column]) for column in zip(*times, strict=True))
    section.rows.append((name, f"{byte.p50:.2f}", f"{byte.p99:.2f}", f"{outcome.p50:.2f}", str(byte.count)))
    section.figures.append(Figure(f"{name} asleep: first byte p50", byte.p50, "ms"))
    return byte.p50

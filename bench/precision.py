"""How exactly the limits of a CGI run cut, told by two witnesses: the outcome, and the program's own clocks.

The supervisor might miss what it does not measure, so each program tells what every one of its processes has used, by
its own clock, until it is killed. The larger of the two sums counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bench import targets
from bench.findings import Figure, Section, Target
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import median
from bench.supervisor import Supervisor, Timed, supervising
from sandbox.faults import SandboxError
from sandbox.limits import CGI
from sandbox.outcome import Ended

PROGRAM = "spend.py"
SHORT_WALL = replace(CGI, wall_seconds=1.0)
PROMISED = targets.ONE_CPU_SECOND

# The way to spend, for people, and what is promised.
CPU_WAYS: tuple[tuple[str, str, Target | None], ...] = (
    ("loop", "a loop", PROMISED),
    ("fork_chain", "a chain of 0.3 s processes", PROMISED),
    ("unreaped", "0.3 s children, SIGCHLD ignored", PROMISED),
    ("storm", "5 ms children, SIGCHLD ignored", None),
    ("threads", "8 threads on every core", None),
)


def measure(settings: Settings) -> Section:
    columns = ("program", "CPU median s", "most s", "by the outcome, most s", "wall median s", "most s", "ended")
    section = Section("precision", "Where the one-second limits cut", columns)
    try:
        with supervising(settings) as supervisor:
            asyncio.run(all_ways(section, supervisor, settings.repeats))
    except (NotStarted, SandboxError) as error:
        section.complete = False
        section.notes.append(str(error))
    section.notes.append(f"each program {settings.repeats} times; the most of them counts; the last one sleeps")
    return section


async def all_ways(section: Section, supervisor: Supervisor, repeats: int) -> None:
    for way, name, target in CPU_WAYS:
        runs = [await supervisor.timed(PROGRAM, way) for _ in range(repeats)]
        add(section, name, runs, Ended.CPU)
        most = max(cpu_seconds(timed) for timed in runs)
        section.figures.append(Figure(f"{name}: CPU at the kill", most, "s", target))
    runs = [await supervisor.timed(PROGRAM, "sleep", limits=SHORT_WALL) for _ in range(repeats)]
    add(section, "a sleeper, 1 s of wall clock", runs, Ended.WALL)
    section.figures.append(Figure("a sleeper: wall clock at the kill", max(timed.ended for timed in runs), "s"))


def add(section: Section, name: str, runs: list[Timed], expected: Ended) -> None:
    cpu = [cpu_seconds(timed) for timed in runs]
    wall = [timed.ended for timed in runs]
    ends = {timed.outcome.ended for timed in runs}
    seconds = (median(cpu), max(cpu), max(timed.outcome.cpu_seconds for timed in runs), median(wall), max(wall))
    section.rows.append((name, *(f"{value:.3f}" for value in seconds), ", ".join(sorted(ends))))
    if ends != {expected}:
        section.notes.append(f"{name}: ended {', '.join(sorted(ends))} instead of {expected}")


def cpu_seconds(timed: Timed) -> float:
    return max(timed.outcome.cpu_seconds, witnessed_cpu_seconds(timed.output))


def witnessed_cpu_seconds(output: bytes) -> float:
    """The sum, over processes, of the last figure each told of itself; lines are `pid seconds`.

    A kill may cut the last line short, so only whole ones count. Raises SandboxError for output of another kind.
    """
    last: dict[bytes, float] = {}
    for line in output.split(b"\n")[:-1]:
        try:
            process, seconds = line.split()
            last[process] = float(seconds)
        except ValueError as error:
            raise SandboxError(f"{PROGRAM} said {line[:500]!r}") from error
    return sum(last.values())

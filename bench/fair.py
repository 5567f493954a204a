"""Whether one greedy person is felt by others: students' short programs on an idle machine and beside somebody's 32
busy processes, in turns; and what the tarpit gets while others work."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

from bench import targets
from bench.findings import Figure, Section
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import percentile
from bench.supervisor import Supervisor, supervising
from sandbox import people
from sandbox.faults import SandboxError
from sandbox.limits import CGI
from sandbox.outcome import Ended
from sandbox.standing import STUDENT, Standing

STUDENTS = 20
PROGRAM_SECONDS = 0.2  # of CPU
PAUSE_SECONDS = 0.3  # between two students who do not come at once: a third of two cores is asked for
GREEDY, STEADY = "greedy", "steady"
GREEDY_PROCESSES = 32
SETTLING_SECONDS = 1.0
ROOM = ("--most-running", "200", "--most-running-of-owner", "40")
PATIENT = replace(CGI, cpu_seconds=10.0, wall_seconds=300.0)  # how long it takes is what is asked
GREEDY_LIMITS = replace(CGI, cpu_seconds=3600.0, wall_seconds=600.0, processes=GREEDY_PROCESSES + 8)
TARPIT = Standing("tarpit", 2, STUDENT.memory_bytes, STUDENT.processes, goes_first=False)
STUDENT_NAMES = [f"student{number}" for number in range(STUDENTS)]

Way = Callable[[Supervisor], Awaitable[list[float]]]


def measure(settings: Settings) -> Section:
    columns = ("20 students, 0.2 s each", "beside", "p50 ms", "p95 ms", "programs")
    section = Section("fair", "One greedy person beside others", columns)
    try:
        with supervising(settings, *ROOM) as supervisor:
            for owner in (*STUDENT_NAMES, GREEDY, STEADY):
                supervisor.add_home(owner)
            asyncio.run(compare(section, supervisor, settings))
    except (NotStarted, SandboxError) as error:
        section.complete = False
        section.notes.append(str(error))
    return section


async def compare(section: Section, supervisor: Supervisor, settings: Settings) -> None:
    for name, way in (("one after the other", one_after_the_other), ("all at once", all_at_once)):
        await compare_way(section, supervisor, settings.fair_rounds, name, way)
    ratio = await tarpit_ratio(supervisor, settings.fair_seconds)
    section.figures.append(Figure("CPU of another / of 32 in the tarpit", ratio, "x", targets.TARPIT))


async def compare_way(section: Section, supervisor: Supervisor, rounds: int, name: str, way: Way) -> None:
    idle: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        idle += await way(supervisor)
        with busy(supervisor, GREEDY, GREEDY_PROCESSES):
            await asyncio.sleep(SETTLING_SECONDS)
            beside += await way(supervisor)
    for who, times in (("nobody", idle), ("32 busy processes of one person", beside)):
        ordered = sorted(1000 * seconds for seconds in times)
        p50, p95 = (percentile(ordered, share) for share in (0.5, 0.95))
        section.rows.append((name, who, f"{p50:.0f}", f"{p95:.0f}", str(len(ordered))))
        section.figures.append(Figure(f"{name}, beside {who}: p95", p95, "ms"))
    ratio = percentile(sorted(beside), 0.95) / percentile(sorted(idle), 0.95)
    section.figures.append(Figure(f"{name}: p95 beside the greedy / beside nobody", ratio, "x", targets.FAIR))


async def one_after_the_other(supervisor: Supervisor) -> list[float]:
    """They come at even distances; one may still run when the next comes."""
    under_way = []
    for owner in STUDENT_NAMES:
        under_way.append(asyncio.create_task(seconds_of(supervisor, owner)))
        await asyncio.sleep(PAUSE_SECONDS)
    return list(await asyncio.gather(*under_way))


async def all_at_once(supervisor: Supervisor) -> list[float]:
    return list(await asyncio.gather(*(seconds_of(supervisor, owner) for owner in STUDENT_NAMES)))


async def seconds_of(supervisor: Supervisor, owner: str) -> float:
    """From the request to the outcome. Raises SandboxError where it did not end by itself."""
    loop = asyncio.get_running_loop()
    asked = loop.time()
    with supervisor.begun("burn.py", str(PROGRAM_SECONDS), "1", limits=PATIENT, owner=owner) as (run, _):
        outcome = await run.outcome()
    if outcome.ended is not Ended.FINISHED:
        raise SandboxError(f"a program of 0.2 s ended by {outcome.ended}")
    return loop.time() - asked


@contextlib.contextmanager
def busy(supervisor: Supervisor, owner: str, processes: int) -> Iterator[None]:
    """So many busy processes of one program, all of them at work."""
    with supervisor.begun(
        "burn.py", str(GREEDY_LIMITS.cpu_seconds), str(processes), limits=GREEDY_LIMITS, owner=owner
    ) as (_, output):
        for _ in range(processes):
            os.read(output, 1)
        yield


async def tarpit_ratio(supervisor: Supervisor, seconds: float) -> float:
    """Of the CPU that two people got in the meantime, both with more busy processes than there are processors."""
    await people.standings_told(supervisor.socket, {GREEDY: TARPIT})
    with busy(supervisor, GREEDY, GREEDY_PROCESSES), busy(supervisor, STEADY, 2 * (os.cpu_count() or 1)):
        await asyncio.sleep(SETTLING_SECONDS)
        before = (await people.usage(supervisor.socket)).people
        await asyncio.sleep(seconds)
        after = (await people.usage(supervisor.socket)).people
    tarpit, other = (after[name].cpu_seconds - before[name].cpu_seconds for name in (GREEDY, STEADY))
    return other / max(tarpit, 1e-3)

"""Whether 5,000 runs leave anything behind: processes, descriptors, mounts, control groups, memory.

The runs end in every ordinary way, some of them untidily. Looked at after a warm-up, five times on the way, at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter

from bench import footprint, targets
from bench.findings import Figure, Section
from bench.footprint import Footprint
from bench.server import NotStarted
from bench.settings import Settings
from bench.supervisor import Supervisor, supervising
from sandbox.faults import SandboxBusy, SandboxError

WARM_UP_RUNS = 400
WARM_UP_AT_ONCE = 16  # more than later: control groups are kept for reuse, as many as were ever needed at once
LOOKS = 5
AT_ONCE = 4
RUN_MAX_SECONDS = 30.0
SETTLE_MAX_SECONDS = 10.0

# What each tenth run does; "gone" is a caller that goes away as soon as there is output.
KINDS = ("hello", "hello", "hello", "hello", "hello", "left_behind", "crash", "fork", "unfinished", "gone")


def measure(settings: Settings) -> Section:
    section = Section("endurance", f"After {settings.runs} runs", ("", *Footprint.NAMES))
    try:
        with supervising(settings) as supervisor:
            asyncio.run(endure(section, supervisor, settings.runs))
    except (NotStarted, SandboxError) as error:
        section.complete = False
        section.notes.append(str(error))
    return section


async def endure(section: Section, supervisor: Supervisor, runs: int) -> None:
    ends: Counter[str] = Counter()
    await many(supervisor, WARM_UP_RUNS, ends, WARM_UP_AT_ONCE)
    looks = [await settled(supervisor.pid, None)]
    section.rows.append(row("before", looks[0]))
    elapsed = 0.0
    for number in range(1, LOOKS + 1):
        begun = time.monotonic()
        await many(supervisor, runs // LOOKS, ends)
        elapsed += time.monotonic() - begun
        looks.append(await settled(supervisor.pid, looks[0]))
        section.rows.append(row(f"after {number * (runs // LOOKS)}", looks[-1]))
    section.notes.append(f"{runs / elapsed:.0f} runs/s, {AT_ONCE} at once; ends: {dict(ends)}")
    section.figures += growth(looks[0], looks[-1])


def row(name: str, seen: Footprint) -> tuple[str, ...]:
    return (name, *(str(value) for value in seen.values()))


def growth(before: Footprint, after: Footprint) -> list[Figure]:
    """Things are counted, so none may be left; memory may move by what an allocator keeps."""
    figures = []
    for name, was, value in zip(Footprint.NAMES, before.values(), after.values(), strict=True):
        is_memory = name.endswith("KiB")
        target = targets.MEMORY_KIB if is_memory else targets.NOTHING_MORE
        figures.append(Figure(f"more {name}", float(value - was), "", target))
    return figures


async def many(supervisor: Supervisor, count: int, ends: Counter[str], at_once: int = AT_ONCE) -> None:
    """`count` runs, so many at a time."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            kind = KINDS[number % len(KINDS)]
            try:
                ends[await asyncio.wait_for(one(supervisor, kind), RUN_MAX_SECONDS)] += 1
            except TimeoutError as error:
                raise SandboxError(f"a run that should end ({kind}) did not in {RUN_MAX_SECONDS:g} s") from error

    await asyncio.gather(*(work() for _ in range(at_once)))


async def one(supervisor: Supervisor, kind: str) -> str:
    """One run of that kind to its end. Raises SandboxError."""
    while True:
        with contextlib.suppress(SandboxBusy), supervisor.begun("endings.py", kind) as (run, output):
            if kind == "gone":
                await readable(output)
                return "gone"
            return str((await run.outcome()).ended)
        await asyncio.sleep(0.05)


async def readable(descriptor: int) -> None:
    """Until there is a byte to read or nobody left to write one."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_reader(descriptor, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(descriptor)


async def settled(supervisor: int, before: Footprint | None) -> Footprint:
    """A look when teardown is over: two alike in a row and no more than before, or what there is after a good while."""
    deadline = time.monotonic() + SETTLE_MAX_SECONDS
    await asyncio.sleep(0.5)
    seen = footprint.look(supervisor)
    while time.monotonic() < deadline:
        await asyncio.sleep(0.5)
        last, seen = seen, footprint.look(supervisor)
        if last.counts() == seen.counts() and (before is None or seen.holds_no_more_than(before)):
            break
    return seen

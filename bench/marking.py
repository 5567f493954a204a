"""Marking: a submission with ten small tests, alone and as one of a class that hands in at once. No site, no queue."""

from __future__ import annotations

import asyncio
import time

from bench import targets
from bench.findings import Figure, Section
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.supervisor import supervising
from exercises.marking import mark
from exercises.reading import read
from sandbox.faults import SandboxError

PAUSE_SECONDS = 0.1  # between submissions: the jails kept ready are made anew meanwhile
WARM_UP = 3
MARKED_AT_ONCE = 4  # submissions of a class
TEXT = """\
# Double

## Solution

```python
def double(x):
    return 2 * x

if __name__ == "__main__":
    print(double(int(input())))
```

## Test: values

```calls
double(1) -> 2
double(-3) -> -6
double(0.5) -> 1
double("ab") -> "abab"
double([1, 2]) -> [1, 2, 1, 2]
```
""" + "".join(
    f"\n## Test: program {number}\n\n```input\n{number}\n```\n```output\n{2 * number}\n```\n" for number in range(5)
)
EXERCISE = read("double", TEXT)


def measure(settings: Settings) -> Section:
    section = Section("marking", "Marking a submission of ten small tests", ("", "p50 ms", "p99 ms", "times"))
    try:
        with supervising(settings) as supervisor:
            asyncio.run(measure_all(section, str(supervisor.socket), settings.submissions))
    except (NotStarted, SandboxError) as error:
        section.complete = False
        section.notes.append(f"ours: {error}")
    return section


async def measure_all(section: Section, socket: str, count: int) -> None:
    alone = [await marked(socket, f"student{number}") for number in range(WARM_UP + count)][WARM_UP:]
    seen = spread([1000 * seconds for seconds in alone])
    section.rows.append(("alone", f"{seen.p50:.1f}", f"{seen.p99:.1f}", str(seen.count)))
    section.figures += [
        Figure("a submission of ten tests: p50", seen.p50, "ms", targets.SUBMISSION_MS),
        Figure("a submission of ten tests: p99", seen.p99, "ms"),
    ]
    ended, first = await class_at_once(socket, count)
    each = spread([1000 * seconds for seconds in ended])
    section.rows.append((f"of {count} handed in at once", f"{each.p50:.1f}", f"{each.p99:.1f}", str(each.count)))
    section.figures += [
        Figure(f"{count} submissions at once: all", max(ended), "s", targets.CLASS_SECONDS),
        Figure(f"{count} submissions at once: first result", first, "s", targets.FIRST_RESULT_SECONDS),
    ]


async def marked(socket: str, owner: str) -> float:
    await asyncio.sleep(PAUSE_SECONDS)
    began = time.monotonic()
    await checked(socket, owner)
    return time.monotonic() - began


async def checked(socket: str, owner: str) -> None:
    """Raises SandboxError where the answer is not the right one: then nothing was measured."""
    report = await mark(EXERCISE, EXERCISE.solution, socket, hidden=True, owner=owner)
    if not report.passed:
        wrong = next(result for result in report.results if not result.passed)
        raise SandboxError(f"the solution fails {wrong.title!r}: {wrong.feedback}")


async def class_at_once(socket: str, count: int) -> tuple[list[float], float]:
    """When each was marked, and when the first single result was there, in seconds after all were handed in."""
    turns = asyncio.Semaphore(MARKED_AT_ONCE)
    began = time.monotonic()
    firsts: list[float] = []

    async def one(number: int) -> float:
        async with turns:
            owner = f"student{number}"
            await mark(
                EXERCISE,
                EXERCISE.solution,
                socket,
                hidden=True,
                owner=owner,
                told=lambda result: firsts.append(time.monotonic() - began),
            )
        return time.monotonic() - began

    ended = await asyncio.gather(*map(one, range(count)))
    return list(ended), firsts[0]

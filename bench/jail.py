"""How long a jail takes, as its caller sees it: from the request to the student's first byte, and to the outcome.

Three kinds: from a parked spare (requests far enough apart that one always waits), cold (a supervisor told to keep no
spares) and, for comparison, the bare interpreter without any jail.
"""

from __future__ import annotations

import asyncio
import subprocess
import time

from bench import interpreter, targets
from bench.findings import Figure, Section, Target
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.supervisor import PROGRAMS, Supervisor, supervising
from sandbox.faults import SandboxError

PAUSE_SECONDS = 0.05  # between requests, for the next spare to park
WARM_UP_STARTS = 10
NO_SPARES = ("--spares", "0")
PROGRAM = "first_byte.py"

Moments = dict[str, list[float]]  # seconds after the request, by what had happened then


def measure(settings: Settings) -> Section:
    columns = ("start", "first statement p50 ms", "first byte p50 ms", "p99 ms", "outcome p50 ms", "p99 ms", "starts")
    section = Section("jail", "From the request for a run to what its caller sees", columns)
    kinds: tuple[tuple[str, tuple[str, ...], Target], ...] = (
        ("from a spare", (), targets.START_FROM_SPARE_MS),
        ("cold", NO_SPARES, targets.START_COLD_MS),
    )
    for name, options, target in kinds:
        try:
            with supervising(settings, *options) as supervisor:
                add(section, name, asyncio.run(starts(supervisor, settings.starts)), target)
        except (NotStarted, SandboxError) as error:
            section.complete = False
            section.notes.append(f"{name}: {error}")
    add(section, "bare python3, no jail", bare_starts(settings), None)
    return section


async def starts(supervisor: Supervisor, count: int) -> Moments:
    moments: Moments = {"statement": [], "byte": [], "outcome": []}
    for number in range(WARM_UP_STARTS + count):
        await asyncio.sleep(PAUSE_SECONDS)
        timed = await supervisor.timed(PROGRAM)
        if not timed.output.strip().isdigit():
            raise SandboxError(f"{PROGRAM} ended {timed.outcome.ended} and said {timed.output[:500]!r}")
        if number >= WARM_UP_STARTS:
            moments["statement"].append((int(timed.output) - timed.asked_ns) / 1e9)
            moments["byte"].append(timed.first_byte)
            moments["outcome"].append(timed.ended)
    return moments


def bare_starts(settings: Settings) -> Moments:
    """The floor of every CGI server that executes an interpreter for each request."""
    moments: Moments = {"statement": [], "byte": [], "outcome": []}
    command = [interpreter.choose(settings.runtime).executable, str(PROGRAMS / PROGRAM)]
    for _ in range(settings.starts // 4):
        asked = time.monotonic_ns()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            said = process.stdout.readline() if process.stdout else b""
            moments["byte"].append((time.monotonic_ns() - asked) / 1e9)
            process.wait()
        moments["outcome"].append((time.monotonic_ns() - asked) / 1e9)
        moments["statement"].append((int(said) - asked) / 1e9)
    return moments


def add(section: Section, name: str, moments: Moments, target: Target | None) -> None:
    statement, byte, outcome = (spread([1000 * value for value in moments[key]]) for key in moments)
    milliseconds = (statement.p50, byte.p50, byte.p99, outcome.p50, outcome.p99)
    section.rows.append((name, *(f"{value:.2f}" for value in milliseconds), str(byte.count)))
    section.figures += [
        Figure(f"{name}: first statement p50", statement.p50, "ms"),
        Figure(f"{name}: first byte p50", byte.p50, "ms", target),
        Figure(f"{name}: first byte p99", byte.p99, "ms"),
        Figure(f"{name}: outcome p50", outcome.p50, "ms"),
        Figure(f"{name}: outcome p99", outcome.p99, "ms"),
    ]

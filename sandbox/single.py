"""One program, one jail, no server: `python -m sandbox run`, and what doctor.py uses to try this machine."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox import client
from sandbox.faults import SandboxError, SandboxUnavailable
from sandbox.job import Job
from sandbox.limits import Limits
from sandbox.meter import Tier
from sandbox.outcome import Ended, Outcome
from sandbox.supervisor import CANNOT_ISOLATE_STATUS, FAULT_STATUS, Configuration, Supervisor

OWNER = "student"
NO_INPUT_STATUS = 66  # EX_NOINPUT
STOPPED_STATUS = 124  # by a limit, as timeout(1) has it
SIGNAL_STATUS = 128  # plus the number, as shells have it
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Installation:
    runtime: Path | None
    tier: Tier | None
    without_user_namespaces: bool


@asynccontextmanager
async def private_supervisor(installation: Installation, home: Path, spares: int = 0) -> AsyncIterator[Supervisor]:
    """A supervisor of our own, in this process. Raises SandboxUnavailable."""
    with tempfile.TemporaryDirectory(prefix="ivle-") as folder:
        supervisor = Supervisor(
            Configuration(
                socket=Path(folder, "socket"),
                homes=home,
                runtime=installation.runtime,
                single_owner=OWNER,
                tier=installation.tier,
                without_user_namespaces=installation.without_user_namespaces,
                spares=spares,
            )
        )
        try:
            await supervisor.open()
            yield supervisor
        finally:
            supervisor.close()


async def run_here(supervisor: Supervisor, job: Job, streams: tuple[int, int, int]) -> Outcome:
    """stdout and stderr pass through until the output limit. Raises SandboxError."""
    stdin, stdout, stderr = streams
    pipes = [os.pipe(), os.pipe()]
    run = client.start(supervisor.configuration.socket, job, stdin, pipes[0][1], pipes[1][1])
    for _, ours in pipes:
        os.close(ours)
    async with run:
        budget = OutputBudget(job.limits.output_bytes, run)
        copies = [copy(pipes[0][0], stdout, budget), copy(pipes[1][0], stderr, budget)]
        copying = asyncio.gather(*copies)
        try:
            outcome = await run.outcome()
        finally:
            await copying
    return outcome


@dataclass
class OutputBudget:
    left_bytes: int
    run: client.Run

    def take(self, size: int) -> int:
        """How many of `size` bytes may still be shown; the run is stopped when it is not all."""
        granted = min(size, self.left_bytes)
        self.left_bytes -= granted
        if granted < size:
            self.run.stop(Ended.OUTPUT)
        return granted


async def copy(source: int, target: int, budget: OutputBudget) -> None:
    """Until the end of the pipe, which comes at the latest when the jail is dead."""
    loop = asyncio.get_running_loop()
    with open(source, "rb", buffering=0) as pipe:
        os.set_blocking(source, False)
        while True:
            readable = loop.create_future()
            loop.add_reader(source, readable.set_result, None)
            await readable
            loop.remove_reader(source)
            chunk = pipe.read(CHUNK_BYTES)
            if not chunk:
                return
            write_all(target, chunk[: budget.take(len(chunk))])


def write_all(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def run(
    installation: Installation, file: Path, arguments: tuple[str, ...], home: Path, limits: Limits, *, as_json: bool
) -> int:
    """The exit status: the program's own, 124 when a limit stopped it, 128 and the signal when it crashed."""
    home = home.resolve()
    try:
        inside = file.resolve().relative_to(home)
    except ValueError:
        print(f"{file} is not below {home}, the folder it would run in", file=sys.stderr)
        return NO_INPUT_STATUS
    if not file.is_file():
        print(f"{file} is not a file", file=sys.stderr)
        return NO_INPUT_STATUS
    program = Path("/home", OWNER, inside)
    job = Job(OWNER, (str(program), *arguments), str(program.parent), limits)

    async def main() -> Outcome:
        async with private_supervisor(installation, home) as supervisor:
            return await run_here(supervisor, job, (0, 1, 2))

    try:
        outcome = asyncio.run(main())
    except SandboxUnavailable as error:
        print(error, file=sys.stderr)
        return CANNOT_ISOLATE_STATUS
    except SandboxError as error:
        print(f"the sandbox failed, not the program: {error}", file=sys.stderr)
        return FAULT_STATUS
    if as_json:
        print(json.dumps(outcome.as_message()), file=sys.stderr)
    elif outcome.ended not in (Ended.FINISHED, Ended.CRASHED):
        print(f"stopped: {SENTENCES[outcome.ended]}", file=sys.stderr)
    return status_of(outcome)


SENTENCES = {
    Ended.CPU: "it used up its CPU time",
    Ended.WALL: "it took too long",
    Ended.MEMORY: "it used up its memory",
    Ended.OUTPUT: "it printed too much",
    Ended.DISK: "its owner's files grew too large",
    Ended.BUDGET: "its owner's programs together used too much",
    Ended.KILLED: "somebody ended it",
}


def status_of(outcome: Outcome) -> int:
    if outcome.ended is Ended.FINISHED:
        return outcome.exit_status or 0
    if outcome.ended is Ended.CRASHED:
        return SIGNAL_STATUS + (outcome.signal or 0)
    return STOPPED_STATUS

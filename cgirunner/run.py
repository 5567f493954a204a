"""One run of a program under way: started in its owner's jail, read as it writes, ended when nobody looks any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from accounts import request_note
from cgirunner.ending import Result
from cgirunner.output import Output
from cgirunner.request import Receive
from sandbox import client
from sandbox.faults import SandboxError
from sandbox.job import Job
from sandbox.limits import Limits
from sandbox.outcome import Ended, Outcome


class Run:
    """Use as an async context manager; leaving it ends whatever still runs.

    `outcome` or `fault` is set once the program is over and all it wrote is in `output`; `gone` once the browser left.
    """

    def __init__(
        self, run: client.Run, limits: Limits, output: Output, changed: asyncio.Event, receive: Receive
    ) -> None:
        self.limits = limits
        self.output = output
        self.outcome: Outcome | None = None
        self.fault: SandboxError | None = None
        self.gone = False
        self._run = run
        self._changed = changed
        self._stopped = False
        self._ending = asyncio.ensure_future(self._watch_ending())
        self._leaving = asyncio.ensure_future(self._watch_leaving(receive))

    @classmethod
    def start(cls, socket_path: Path, job: Job, stdin: int, receive: Receive) -> Self:
        """Raises SandboxError when the sandbox cannot be reached."""
        request_note.note_job(job.id)
        changed = asyncio.Event()
        output = Output(job.limits.output_bytes, changed)
        try:
            run = client.start(socket_path, job, stdin, output.stdout, output.stderr)
        except SandboxError:
            output.close()
            raise
        output.handed_over()
        return cls(run, job.limits, output, changed, receive)

    @property
    def over(self) -> bool:
        return self.outcome is not None or self.fault is not None

    def when_over(self, call: Callable[[], None]) -> None:
        """However slowly its output is read."""
        self._ending.add_done_callback(lambda _ending: call())

    def result(self) -> Result:
        """Of a run that is over."""
        return Result(self.limits, self.outcome, self.fault, bytes(self.output.errors), self.output.wrote_output)

    async def change(self, timeout_seconds: float | None = None) -> bool:
        """Waits until something happened since the last call; False when the time was up first."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        if self.output.over_limit and not self._stopped:
            self._stop(Ended.OUTPUT)
        if self.gone and not self._stopped:
            self._stop(Ended.KILLED)
        if self._ending.done():
            self._ending.result()
        return True

    async def finish(self) -> None:
        """Waits for the end of the program, or of the browser's patience."""
        while not (self.over or self.gone):
            await self.change()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.cancel()
        self._leaving.cancel()
        self._run.close()
        self.output.close()

    def _stop(self, why: Ended) -> None:
        self._stopped = True
        self._run.stop(why)

    async def _watch_ending(self) -> None:
        try:
            self.outcome = await self._run.outcome()
        except SandboxError as fault:
            self.fault = fault
        finally:
            self.output.drain()
            self._changed.set()

    async def _watch_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass  # the rest of a body that nobody reads
        self.gone = True
        self._changed.set()

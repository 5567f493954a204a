"""A language server in its owner's jail: started, spoken to, ended. One for each editor; made by language.py."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.conf import settings

from editor.framing import HEADER_MAX_BYTES, frame, read_message
from sandbox import client
from sandbox.faults import SandboxError
from sandbox.job import Job
from sandbox.outcome import Outcome
from sandbox.runtime import RUNTIME_IN_JAIL


def job_of(owner: str, folder: tuple[bytes, ...]) -> Job:
    """The program is the installation's, whatever lies in the home: its path is a whole one."""
    return Job(
        owner=owner,
        argv=settings.IVLE_LANGUAGE_SERVER,
        directory="/".join((f"/home/{owner}", *(name.decode("utf-8", "surrogateescape") for name in folder))),
        limits=settings.LANGUAGE_LIMITS,
        environ={"VIRTUAL_ENV": RUNTIME_IN_JAIL},  # where it looks for what is imported
        entry="command",
        is_service=True,
    )


class LanguageServer:
    """Use as an async context manager: leaving it ends the server."""

    def __init__(self, run: client.Run, writing: int, reading: int) -> None:
        self._run = run
        self._writing = writing
        self._reading = reading
        self._loop = asyncio.get_running_loop()
        self._said = asyncio.StreamReader(HEADER_MAX_BYTES)
        self._transport: asyncio.ReadTransport | None = None

    @classmethod
    def start(cls, job: Job) -> Self:
        """Raises SandboxError when the sandbox cannot be reached; whatever else is wrong shows in `outcome`."""
        stdin, writing = os.pipe()
        reading, stdout = os.pipe()
        try:
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123
                run = client.start(settings.IVLE_SANDBOX_SOCKET, job, stdin, stdout, nothing.fileno())
        except SandboxError:
            os.close(writing)
            os.close(reading)
            raise
        finally:
            os.close(stdin)
            os.close(stdout)
        os.set_blocking(writing, False)
        return cls(run, writing, reading)

    async def __aenter__(self) -> Self:
        pipe = os.fdopen(self._reading, "rb", buffering=0)
        protocol = asyncio.StreamReaderProtocol(self._said)
        self._transport, _ = await self._loop.connect_read_pipe(lambda: protocol, pipe)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run.close()
        os.close(self._writing)
        if self._transport is not None:
            self._transport.close()

    async def send(self, text: str) -> None:
        """Waits while the server does not read. What is sent to one that has ended is lost."""
        left = memoryview(frame(text))
        with suppress(BrokenPipeError):
            while left:
                try:
                    left = left[os.write(self._writing, left) :]
                except BlockingIOError:
                    await self._writable()

    async def read(self) -> str | None:
        """Its next message; None where it says nothing more. Raises BadFrame."""
        return await read_message(self._said)

    async def outcome(self) -> Outcome:
        """Waits for its end. Raises SandboxError."""
        return await self._run.outcome()

    async def _writable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(self._writing, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._writing)

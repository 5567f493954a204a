"""Asks the supervisor to run a job; every caller outside this package comes here. Closing the connection ends it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
from types import TracebackType
from typing import Any, Self

from sandbox import wire
from sandbox.faults import FAULTS, SandboxBusy, SandboxError
from sandbox.job import Job
from sandbox.outcome import Ended, Outcome

SocketPath = str | os.PathLike[str]
DOOR_RETRY_SECONDS = 1
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Run:
    """One run under way. Use as an async context manager: leaving it ends the run if it still goes on."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._outcome: Outcome | None = None

    async def outcome(self) -> Outcome:
        """How the run ended; waits for it. Raises SandboxError (or a kind of it) when that cannot be known."""
        if self._outcome is None:
            loop = asyncio.get_running_loop()
            try:
                try:
                    packet = await loop.sock_recv(self._connection, wire.MESSAGE_MAX_BYTES)
                except ConnectionResetError:  # closed there before our "stop" was read; the outcome came before
                    packet = await loop.sock_recv(self._connection, wire.MESSAGE_MAX_BYTES)
            except OSError as error:
                raise SandboxError(f"the connection to the sandbox broke: {error}") from error
            self._outcome = read_answer(packet)
        return self._outcome

    def stop(self, why: Ended = Ended.KILLED) -> None:
        """End the run; its outcome will say `why`."""
        with contextlib.suppress(OSError):
            wire.send(self._connection, {"kind": "stop", "why": why})

    def close(self) -> None:
        self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(socket_path: SocketPath, job: Job, stdin: int, stdout: int, stderr: int) -> Run:
    """Hand a job and its three descriptors (still the caller's to close) to the supervisor; never blocks.

    Raises SandboxError when no supervisor answers, SandboxRefused when the job is too large to hand over.
    Being queued, busy or refused by the supervisor shows in Run.outcome().
    """
    payload = sealed(job)
    try:
        connection = connect(socket_path)
        try:
            wire.send(connection, {"kind": "run", **job.header()}, (stdin, stdout, stderr, payload))
        except OSError as error:
            connection.close()
            raise unanswered(socket_path, error) from error
    finally:
        os.close(payload)
    return Run(connection)


def sealed(job: Job) -> int:
    """A descriptor of what only the student's own process may read. Raises SandboxRefused where Job.payload does,
    SandboxError when the machine has no room for it."""
    return sealed_bytes("job", job.payload())


def sealed_bytes(name: str, content: bytes) -> int:
    """A descriptor of memory that nobody can change. Raises SandboxError when the machine has no room for it."""
    memory = -1
    try:
        memory = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.write(memory, content)
        os.lseek(memory, 0, os.SEEK_SET)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, SEALS)
    except OSError as error:
        wire.close_all([memory])
        raise SandboxError(f"the {name} could not be handed over: {error.strerror}") from error
    return memory


def connect(socket_path: SocketPath) -> socket.socket:
    """Raises SandboxError when no supervisor answers, SandboxBusy when too many callers wait at its door."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
    try:
        connection.connect(os.fspath(socket_path))
    except BlockingIOError as error:
        connection.close()
        raise SandboxBusy("too many callers wait at the sandbox's door", DOOR_RETRY_SECONDS) from error
    except OSError as error:
        connection.close()
        raise unanswered(socket_path, error) from error
    return connection


def unanswered(socket_path: SocketPath, error: OSError) -> SandboxError:
    return SandboxError(f"the sandbox does not answer at {os.fspath(socket_path)}: {error.strerror}")


def read_answer(packet: bytes) -> Outcome:
    """The Outcome in the supervisor's answer, or the fault it tells of, raised."""
    if not packet:
        raise SandboxError("the sandbox stopped while the program was running")
    message = wire.parse(packet)
    raise_fault(message)
    if message["kind"] != "ended":
        raise SandboxError(f"the sandbox gave an unknown answer: {message['kind']}")
    return Outcome.from_message(message["outcome"])


def raise_fault(message: dict[str, Any]) -> None:
    """What an answer tells of, if it is a fault."""
    fault = FAULTS.get(message["kind"])
    if fault is not None:
        details = {name: value for name, value in message.items() if name not in ("kind", "text")}
        raise fault(message["text"], **details)

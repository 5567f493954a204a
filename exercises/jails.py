"""Runs one piece of work of marking in a jail and reads what comes of it. Everything read is hostile data, bounded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from exercises.exercise import Bounds
from sandbox import client
from sandbox.environments import STANDARD
from sandbox.faults import SandboxBusy, SandboxError
from sandbox.job import NOBODYS_NAME, Job
from sandbox.limits import CGI, Limits
from sandbox.outcome import Ended, Outcome
from sandbox.standing import STUDENT

OWNER = "ivle.marking"  # no login name has a dot
ATTEMPT = "attempt"
HARNESS = Path(__file__).resolve().parent.parent / "guest"
PARTS = ("__init__.py", "attempt.py", "channel.py", "script.py", "value.py")
HOME = f"/home/{NOBODYS_NAME}"
OUTPUT_MAX_BYTES = 256 * 1024  # of each stream
ANSWERS_MAX_BYTES = 4 * 1024 * 1024  # of one jail
LENGTH_BYTES = 4
BYTES = "latin-1"  # bytes go as texts of as many characters
CHUNK_BYTES = 64 * 1024
END_SECONDS = 10.0  # from a jail's death to the end of its streams
WALL_PER_CPU = 5.0
RETRY_SECONDS = 30
WAITED_SHARE = 1 / 3  # of its time: from there on the machine is to blame that it was not done


@dataclass(frozen=True)
class Place:
    """Where jails come from, and in whose name."""

    socket: str
    owner: str = OWNER  # whose turns these runs take; nobody's home is seen
    limits: Limits = CGI
    environment: str = STANDARD
    hash_seed: int | None = None  # of an interpreter of its own for each attempt; None: the sandbox's, which is faster
    budget_bytes: int = STUDENT.memory_bytes  # of memory, that the owner's programs have together

    def bounded(self, bounds: Bounds) -> Limits:
        """A test never wants more than its owner may have: past that it would be stopped for no fault of its own."""
        cpu_seconds = bounds.cpu_seconds or self.limits.cpu_seconds
        return replace(
            self.limits,
            cpu_seconds=cpu_seconds,
            wall_seconds=max(self.limits.wall_seconds, WALL_PER_CPU * cpu_seconds),
            memory_bytes=min(bounds.memory_bytes or self.limits.memory_bytes, self.budget_bytes),
        )


@dataclass(frozen=True)
class Ran:
    outcome: Outcome
    stdout: str
    stderr: str
    answer: dict[str, Any]  # the first it told on its channel that nobody has heard; {} for none


class Drain:
    """Reads a descriptor to its end, and on past the most that is kept until somebody ends whoever writes."""

    def __init__(self, descriptor: int, most_bytes: int, on_too_much: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.descriptor = descriptor
        self.most_bytes = most_bytes
        self.on_too_much = on_too_much
        self.content = bytearray()
        self.has_ended = False
        self.changed = asyncio.Event()
        os.set_blocking(descriptor, False)
        self.loop.add_reader(descriptor, self.on_readable)

    @property
    def text(self) -> str:
        return bytes(self.content).decode("utf-8", "replace")

    def on_readable(self) -> None:
        try:
            piece = os.read(self.descriptor, CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self.stop()
            return
        room = self.most_bytes - len(self.content)
        self.content += piece[:room]
        self.changed.set()
        if len(piece) > room:
            self.on_too_much()

    def stop(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.changed.set()
            self.loop.remove_reader(self.descriptor)

    async def more(self) -> bool:
        """Waits for it; False at the end."""
        if not self.has_ended:
            self.changed.clear()
            await self.changed.wait()
        return not self.has_ended

    async def to_the_end(self) -> None:
        while await self.more():
            pass


class Jail:
    """One jail under way. Use as an async context manager: leaving it ends whatever still runs in there."""

    def __init__(self, run: client.Run, channel: socket.socket, stdout: int, stderr: int) -> None:
        self.run = run
        self.channel = channel
        self.printed = Drain(stdout, OUTPUT_MAX_BYTES, self.stop)
        self.errors = Drain(stderr, OUTPUT_MAX_BYTES, self.stop)
        self.told = Drain(channel.fileno(), ANSWERS_MAX_BYTES, self.stop)
        self.heard_bytes = 0
        self.sending: list[asyncio.Task[None]] = []
        self.turn = asyncio.Lock()  # of two that send at once, one would wait for ever

    @classmethod
    def start(cls, place: Place, entry: str, kind: str, limits: Limits) -> Self:
        """Raises SandboxError."""
        job = Job(place.owner, (kind,), HOME, limits, entry=entry, environment=place.environment, has_home=False)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        (stdout, to_stdout), (stderr, to_stderr) = os.pipe(), os.pipe()
        try:
            run = client.start(place.socket, job, theirs.fileno(), to_stdout, to_stderr)
        except SandboxError:
            ours.close()
            os.close(stdout)
            os.close(stderr)
            raise
        finally:
            theirs.close()
            os.close(to_stdout)
            os.close(to_stderr)
        jail = cls(run, ours, stdout, stderr)
        if entry == ATTEMPT and place.hash_seed is not None:
            jail.tell({"anew": sources(), "seed": str(place.hash_seed)})
        return jail

    def stop(self) -> None:
        self.run.stop(Ended.OUTPUT)

    def tell(self, work: Mapping[str, Any]) -> None:
        """Without waiting: nobody may be listening yet, or any more."""
        packet = json.dumps(work).encode("ascii")
        self.sending.append(asyncio.ensure_future(self.send(len(packet).to_bytes(LENGTH_BYTES, "big") + packet)))

    async def send(self, packet: bytes) -> None:
        with contextlib.suppress(OSError):  # it has ended without reading
            async with self.turn:
                await asyncio.get_running_loop().sock_sendall(self.channel, packet)

    async def hear(self) -> dict[str, Any] | None:
        """The next message, {} for one that is none; None where no more comes."""
        while True:
            body = self.heard_bytes + LENGTH_BYTES
            length = int.from_bytes(self.told.content[self.heard_bytes : body], "big")
            if len(self.told.content) >= max(body + length, body):
                self.heard_bytes = body + length
                return as_object(bytes(self.told.content[body : self.heard_bytes]))
            if self.told.has_ended:
                return None
            await self.told.more()

    def dismiss(self) -> None:
        """Nothing more will be told."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_WR)

    async def end(self) -> Ran:
        """When all of it is over. Raises SandboxError where that is no doing of the code in the jail."""
        outcome = await self.run.outcome()
        if outcome.ended is Ended.BUDGET:
            raise SandboxBusy("what this person runs besides left no room for it", RETRY_SECONDS)
        if outcome.ended is Ended.WALL and outcome.waited_seconds >= WAITED_SHARE * outcome.wall_seconds:
            raise SandboxBusy("it waited for a processor until its time was over", RETRY_SECONDS)
        try:
            async with asyncio.timeout(END_SECONDS):
                for drain in (self.printed, self.errors, self.told):
                    await drain.to_the_end()
        except TimeoutError as error:
            raise SandboxError("the streams of a jail did not end with it") from error
        return Ran(outcome, self.printed.text, self.errors.text, await self.hear() or {})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sending in self.sending:
            sending.cancel()
        self.run.close()
        for drain in (self.printed, self.errors, self.told):
            drain.stop()
        self.channel.close()
        os.close(self.printed.descriptor)
        os.close(self.errors.descriptor)


async def run(place: Place, entry: str, kind: str, work: Mapping[str, Any], limits: Limits) -> Ran:
    """One piece of work from its start to its end. Raises SandboxError as Jail.end does."""
    async with Jail.start(place, entry, kind, limits) as jail:
        jail.tell(work)
        return await jail.end()


@lru_cache(maxsize=1)
def sources() -> dict[str, str]:
    """Of the harness, which is nowhere to be found in a jail."""
    return {name: (HARNESS / name).read_text(encoding="utf-8") for name in PARTS}


def as_told(content: bytes) -> str:
    return content.decode(BYTES)


def as_bytes(told: str) -> bytes:
    """Of what a jail told, which may be no bytes at all."""
    return told.encode(BYTES, "replace")


def as_object(data: bytes) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}

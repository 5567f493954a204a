"""Runs one piece of work of marking in a jail and reads what comes of it. Everything read is hostile data, bounded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from exercises.exercise import Bounds
from sandbox import client
from sandbox.faults import SandboxError
from sandbox.job import NOBODYS_NAME, Job
from sandbox.limits import CGI, Limits
from sandbox.outcome import Ended, Outcome

OWNER = "marking"
HOME = f"/home/{NOBODYS_NAME}"
OUTPUT_MAX_BYTES = 256 * 1024  # of each stream
ANSWER_MAX_BYTES = 4 * 1024 * 1024
LENGTH_BYTES = 4
CHUNK_BYTES = 64 * 1024
END_SECONDS = 10.0  # from a jail's death to the end of its streams
WALL_PER_CPU = 5.0


@dataclass(frozen=True)
class Place:
    """Where jails come from, and in whose name."""

    socket: str
    owner: str = OWNER  # whose turns these runs take; nobody's home is seen
    limits: Limits = CGI

    def bounded(self, bounds: Bounds) -> Limits:
        cpu_seconds = bounds.cpu_seconds or self.limits.cpu_seconds
        return replace(
            self.limits,
            cpu_seconds=cpu_seconds,
            wall_seconds=max(self.limits.wall_seconds, WALL_PER_CPU * cpu_seconds),
            memory_bytes=bounds.memory_bytes or self.limits.memory_bytes,
        )


@dataclass(frozen=True)
class Ran:
    outcome: Outcome
    stdout: str
    stderr: str
    answer: dict[str, Any]  # what it told on its channel, if it is an object at all


class Drain:
    """Reads a descriptor to its end, and on past the most that is kept until somebody ends whoever writes."""

    def __init__(self, descriptor: int, most_bytes: int, on_more: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.descriptor = descriptor
        self.most_bytes = most_bytes
        self.on_more = on_more
        self.content = bytearray()
        self.ended: asyncio.Future[None] = self.loop.create_future()
        os.set_blocking(descriptor, False)
        self.loop.add_reader(descriptor, self.on_readable)

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
        if len(piece) > room:
            self.on_more()

    def stop(self) -> None:
        if not self.ended.done():
            self.loop.remove_reader(self.descriptor)
            self.ended.set_result(None)


async def run(place: Place, entry: str, kind: str, work: Mapping[str, Any], limits: Limits) -> Ran:
    """Raises SandboxError where that is no doing of the code in the jail."""
    job = Job(place.owner, (kind,), HOME, limits, entry=entry, has_home=False)
    with contextlib.ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        stack.callback(theirs.close)
        pipes = [os.pipe(), os.pipe()]
        for pipe in pipes:
            stack.callback(os.close, pipe[0])
        try:
            started = client.start(place.socket, job, theirs.fileno(), pipes[0][1], pipes[1][1])
        finally:
            theirs.close()
            for pipe in pipes:
                os.close(pipe[1])
        stack.callback(started.close)
        return await conduct(started, ours, pipes[0][0], pipes[1][0], work)


async def conduct(
    started: client.Run, channel: socket.socket, stdout: int, stderr: int, work: Mapping[str, Any]
) -> Ran:
    def too_much() -> None:
        started.stop(Ended.OUTPUT)

    drains = [Drain(stdout, OUTPUT_MAX_BYTES, too_much), Drain(stderr, OUTPUT_MAX_BYTES, too_much)]
    drains.append(Drain(channel.fileno(), LENGTH_BYTES + ANSWER_MAX_BYTES, too_much))
    sending = asyncio.ensure_future(send(channel, work))
    try:
        outcome = await started.outcome()
        async with asyncio.timeout(END_SECONDS):
            await asyncio.gather(*(drain.ended for drain in drains))
    except TimeoutError as error:
        raise SandboxError("the streams of a jail did not end with it") from error
    finally:
        sending.cancel()
        for drain in drains:
            drain.stop()
    printed, errors = (bytes(drain.content).decode("utf-8", "replace") for drain in drains[:2])
    return Ran(outcome, printed, errors, read_answer(bytes(drains[2].content)))


async def send(channel: socket.socket, work: Mapping[str, Any]) -> None:
    packet = json.dumps(work).encode("ascii")
    with contextlib.suppress(OSError):  # it has ended without reading
        await asyncio.get_running_loop().sock_sendall(channel, len(packet).to_bytes(LENGTH_BYTES, "big") + packet)


def read_answer(data: bytes) -> dict[str, Any]:
    """The first message, or nothing where it is none."""
    length = int.from_bytes(data[:LENGTH_BYTES], "big")
    try:
        answer = json.loads(data[LENGTH_BYTES : LENGTH_BYTES + length])
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}

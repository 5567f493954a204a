"""Opens consoles and watches them as a page does, for the tests of the sandbox."""

from __future__ import annotations

import asyncio
import itertools
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox import consoles
from sandbox.consoles import Attachment, Display, Event, Output, SessionInfo, Size
from sandbox.job import Job
from sandbox.limits import CONSOLE, Limits
from sandbox.outcome import Outcome
from tests.sandbox.installation import BEST, Installation, Kind
from tests.sandbox.jail import PATIENCE_SECONDS, Jail, Loop

SETTINGS = {"has_consoles": True, "spares": 0, "console_spares": 2, "most_sessions_of_owner": 16}
WITH_CONSOLES = Kind("with consoles", BEST.wants_root, BEST.steps_down, SETTINGS)
SIZE = Size(24, 80)
QUICK = replace(CONSOLE, cpu_seconds=10.0)
QUIET = """
import sys, termios
attributes = termios.tcgetattr(0)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(0, termios.TCSANOW, attributes)
"""
ECHO = "print('up', flush=True)\nfor line in iter(input, 'bye'):\n    print('got', line, flush=True)\n"
numbers = itertools.count(1)
pages: list[Page] = []


@pytest.fixture(name="jail")
def with_consoles(installations: Callable[[Kind], Installation], loop: Loop) -> Iterator[Jail]:
    """For the modules that import it in place of the other. Pages that a test left open are closed."""
    yield Jail(loop, installations(WITH_CONSOLES))
    while pages:
        pages.pop().close()


class Page:
    """One browser page on a console: collects what comes, in order, until something awaited has come."""

    def __init__(self, attachment: Attachment, client: str, *, acks: bool = True) -> None:
        self.attachment = attachment
        self.client = client
        self.acks = acks
        self.start = attachment.info.start_offset
        self.output = bytearray()
        self.end: int | None = None  # the offset after the last byte that came
        self.gaps: list[tuple[int, int]] = []
        self.displays: list[Display] = []
        self.events: list[Event] = []
        self.typed = attachment.typed

    async def take(self) -> Output | Display | Event:
        arrival = await asyncio.wait_for(self.attachment.read(), PATIENCE_SECONDS)
        if isinstance(arrival, Output):
            assert self.end in (None, arrival.offset), f"output from {arrival.offset} came, {self.end} was next"
            self.output += arrival.data
            self.end = arrival.offset + len(arrival.data)
            if self.acks:
                self.attachment.ack(self.end)
        elif isinstance(arrival, Display):
            self.displays.append(arrival)
        else:
            if arrival.kind == "gap":
                assert self.end in (None, arrival.content["from"])
                self.gaps.append((arrival.content["from"], arrival.content["to"]))
                self.end = arrival.content["to"]
            self.events.append(arrival)
        return arrival

    async def until(self, condition: Callable[[], Any]) -> None:
        while not condition():
            await self.take()

    async def until_output(self, text: bytes) -> bytes:
        await self.until(lambda: text in self.output)
        return bytes(self.output)

    async def until_event(self, kind: str) -> dict[str, Any]:
        """The next one of this kind."""
        while True:
            arrival = await self.take()
            if isinstance(arrival, Event) and arrival.kind == kind:
                return arrival.content

    async def until_ended(self) -> Outcome:
        """It may have been over before the page came, which is told once and not again."""
        if self.attachment.info.outcome:
            await self.until_event("replayed")
            return self.attachment.info.outcome
        return Outcome.from_message((await self.until_event("ended"))["outcome"])

    def type(self, data: bytes) -> None:
        self.attachment.type(self.typed, data)
        self.typed += len(data)

    def close(self) -> None:
        self.attachment.close()


class Console:
    """A session of one person's."""

    def __init__(self, jail: Jail, session_id: str | None = None) -> None:
        self.jail = jail
        self.id = session_id or f"console-{next(numbers)}"
        self.socket = jail.installation.socket

    def job(self, code: str, *arguments: str, limits: Limits = QUICK, runtime: str = "python", **others: Any) -> Job:
        """A program that begins with "up", say."""
        name = f"{self.id}.py"
        self.jail.write(name, textwrap.dedent(code))
        path = f"{self.jail.home_inside}/{name}"
        return Job(
            self.jail.owner,
            (path, *arguments),
            self.jail.home_inside,
            limits,
            environ={"TERM": "xterm-256color"},
            runtime=runtime,
            **others,
        )

    async def open(self, code: str = ECHO, *arguments: str, size: Size = SIZE, **others: Any) -> SessionInfo:
        return await consoles.open_session(self.socket, self.id, self.job(code, *arguments, **others), size, {"a": 1})

    async def restart(self, code: str = ECHO, *arguments: str, **others: Any) -> SessionInfo:
        return await consoles.restart_session(self.socket, self.id, self.job(code, *arguments, **others))

    async def attach(
        self, client: str = "page", offset: int | None = None, *, drives: bool = True, acks: bool = True
    ) -> Page:
        attachment = await consoles.attach(self.socket, self.id, client, "student", offset, drives=drives)
        pages.append(Page(attachment, client, acks=acks))
        return pages[-1]

    async def info(self) -> SessionInfo:
        return await consoles.get_session(self.socket, self.id)

    async def end(self) -> None:
        """And let nothing of it be left for the next test."""
        await consoles.end_session(self.socket, self.id)

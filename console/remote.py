"""Consoles handled without staying: what a request of the API does to one, and what it reads. For api.py."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from accounts import places
from accounts.models import Person
from console.protocol import INPUT_MAX_BYTES
from console.watching import sandbox_client
from sandbox import consoles
from sandbox.consoles import Attachment, Event, Output, SessionInfo, Size

TAKING_SECONDS: Final = 10.0  # how long input may wait for a program that does not read
REPLAY_SECONDS: Final = 5.0  # for what is there already
# One client for all input by the API: a console remembers how much each client typed, and only so many clients.
CLIENT: Final = "api"


@dataclass(frozen=True)
class Piece:
    """Output from `offset` on. What was asked for and lies before it is no longer kept."""

    offset: int
    data: bytes


@asynccontextmanager
async def keyboard(info: SessionInfo, person: Person) -> AsyncIterator[Attachment]:
    """Has it while this is open; the owner's page takes it back by itself. One at a time for each person."""
    async with places.async_turn(f"keyboard of {info.id} {person.username}"):
        client = sandbox_client(person, CLIENT)
        attachment = await consoles.attach(
            settings.IVLE_SANDBOX_SOCKET, info.id, client, person.username, info.end_offset, drives=True
        )
        async with attachment:
            attachment.drive()
            yield attachment


async def type_in(info: SessionInfo, person: Person, data: bytes) -> int:
    """How many of the bytes the terminal took, within TAKING_SECONDS. Raises SandboxError."""
    async with keyboard(info, person) as attachment:
        begin = attachment.received
        try:
            async with asyncio.timeout(TAKING_SECONDS):
                for position in range(0, len(data), INPUT_MAX_BYTES):
                    piece = data[position : position + INPUT_MAX_BYTES]
                    attachment.type(begin + position, piece)
                    while attachment.typed < begin + position + len(piece):
                        await read_on(attachment)
        except TimeoutError:
            await withdraw(attachment)
        return max(0, attachment.typed - begin)


async def withdraw(attachment: Attachment) -> None:
    """So that what is told not to be typed is not typed later, when the program reads again."""
    attachment.withdraw()
    async with asyncio.timeout(REPLAY_SECONDS):
        while True:
            arrival = await read_on(attachment)
            if isinstance(arrival, Event) and arrival.kind == "withdrawn":
                return


async def resize(info: SessionInfo, person: Person, size: Size) -> None:
    async with keyboard(info, person) as attachment:
        attachment.resize(size)


async def interrupt(info: SessionInfo, person: Person) -> None:
    async with keyboard(info, person) as attachment:
        attachment.interrupt()


async def read_on(attachment: Attachment) -> object:
    """What comes next, with output acknowledged: nobody looks at it here, and the program must not wait for that."""
    arrival = await attachment.read()
    if isinstance(arrival, Output):
        attachment.ack(arrival.offset + len(arrival.data))
    return arrival


async def read_output(info: SessionInfo, person: Person, offset: int, wait_seconds: float) -> Piece:
    """All that is there from the offset on; where nothing is, what comes within the time. Raises SandboxError."""
    client = f"{CLIENT}-{secrets.token_hex(8)}"
    start = min(offset, info.end_offset)
    attachment = await consoles.attach(
        settings.IVLE_SANDBOX_SOCKET, info.id, client, person.username, start, drives=False
    )
    reading = Reading(attachment, start)
    async with attachment:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REPLAY_SECONDS):
                await reading.until("replayed")
            if wait_seconds and not reading.data and attachment.info.outcome is None:
                async with asyncio.timeout(wait_seconds):
                    await reading.until("ended", or_output=True)
    return Piece(reading.start, bytes(reading.data))


class Reading:
    """Output collected from an attachment."""

    def __init__(self, attachment: Attachment, start: int) -> None:
        self.attachment = attachment
        self.start = start
        self.data = bytearray()

    async def until(self, kind: str, *, or_output: bool = False) -> None:
        """An event of this kind."""
        while True:
            arrival = await self.attachment.read()
            if isinstance(arrival, Output):
                self.data += arrival.data
                if or_output:
                    return
            elif isinstance(arrival, Event):
                if arrival.kind == "gap":
                    if self.data:  # the next question goes on here, and is told of the gap
                        return
                    self.start = arrival.content["to"]
                if arrival.kind == kind:
                    return

"""One console's flood, or its stuck paste, is nobody else's: how much is done for one before others have their turn."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox import packets
from sandbox.attachment import TURN_PACKETS, Attachment, Event, Output
from sandbox.faults import SandboxRefused, SessionGone
from sandbox.program import TURN_BYTES, Program
from sandbox.session import CREDIT_BYTES
from tests.sandbox.console import Console, with_consoles
from tests.sandbox.jail import Jail
from tests.sandbox.test_console_watchers import FLOOD

__all__ = ["with_consoles"]


async def test_an_echo_beside_floods_and_a_stuck_paste(jail: Jail) -> None:
    """No page of theirs acknowledges anything, the paste is 200 kB, and a line is answered all the same."""
    floods = [Console(jail), Console(jail)]
    for flood in floods:
        await flood.open(FLOOD)
        page = await flood.attach(acks=False)
        await page.until(lambda page=page: (page.end or 0) >= CREDIT_BYTES)
        await flood.attach("watcher", drives=False, acks=False)
    stuck = Console(jail)
    # Not a line at a time, of which the kernel would throw away what nobody reads, sooner or later.
    await stuck.open("import time, tty\ntty.setraw(0)\nprint('up', flush=True)\ntime.sleep(1000)")
    paste = await stuck.attach()
    await paste.until_output(b"up")
    for _ in range(200 * 1000 // packets.INPUT_MAX_BYTES):
        paste.type(b"x" * packets.INPUT_MAX_BYTES)
    await paste.until_event("refused")
    quiet = Console(jail)
    await quiet.open()
    page = await quiet.attach()
    for number in range(20):
        page.type(b"line %d\n" % number)
        await page.until_output(b"got line %d\r\n" % number)
    for console in (*floods, stuck, quiet):
        await console.end()


class Endless:
    """A listener that always has room."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def room(self) -> int:
        return 1024 * TURN_BYTES

    def on_output(self, data: bytes) -> None:
        self.pieces.append(data)

    def on_display(self, message: bytes) -> None: ...
    def on_display_fault(self, text: str) -> None: ...
    def on_end(self, outcome: object) -> None: ...


async def test_so_much_of_a_flood_is_read_at_once() -> None:
    """And no more, of a terminal that always has more to give."""
    source = os.open("/dev/zero", os.O_RDONLY)
    cell: Any = SimpleNamespace(terminal=source, displays=source, watchers=[])
    listener = Endless()
    program = Program(cell, listener)
    program.is_read = True  # by the event loop, which cannot wait for this kind of file
    program.on_readable()
    assert [len(piece) for piece in listener.pieces] == [TURN_BYTES]
    os.close(source)


@pytest.fixture
async def wire() -> AsyncIterator[tuple[Attachment, socket.socket]]:
    """A page's end of a console, and the supervisor's end of that."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    info: Any = None
    attachment = Attachment(ours, info, 0, 0)
    yield attachment, theirs
    attachment.close()
    theirs.close()


async def test_whoever_reads_a_flood_lets_others_have_their_turn(wire: tuple[Attachment, socket.socket]) -> None:
    """In the web process: packets that are there already are taken without waiting, but not for ever."""
    attachment, theirs = wire
    count = 4 * TURN_PACKETS
    for offset in range(count):
        theirs.send(packets.pack(packets.OUTPUT, offset, b"x"))
    seen = bytearray()

    async def read_all() -> None:
        while len(seen) < count:
            arrival = await attachment.read()
            assert isinstance(arrival, Output)
            assert arrival.offset == len(seen)
            seen.extend(arrival.data)

    reading = asyncio.create_task(read_all())
    lengths = []
    while not reading.done():
        await asyncio.sleep(0)
        lengths.append(len(seen))
    await reading
    assert max(later - earlier for earlier, later in zip([0, *lengths], lengths, strict=False)) <= TURN_PACKETS


async def test_output_that_is_there_comes_as_one(wire: tuple[Attachment, socket.socket]) -> None:
    """What follows it keeps its place: another message, more output, the end."""
    attachment, theirs = wire
    for packet in (
        packets.pack(packets.OUTPUT, 10, b"one "),
        packets.pack(packets.OUTPUT, 14, b"two"),
        packets.pack_control("size", {"rows": 1, "columns": 2}),
        packets.pack(packets.OUTPUT, 17, b" three"),
    ):
        theirs.send(packet)
    theirs.close()
    assert await attachment.read() == Output(10, b"one two")
    assert await attachment.read() == Event("size", {"rows": 1, "columns": 2})
    assert await attachment.read() == Output(17, b" three")
    for _ in range(2):
        with pytest.raises(SessionGone):
            await attachment.read()


async def test_output_before_being_sent_away_is_had(wire: tuple[Attachment, socket.socket]) -> None:
    attachment, theirs = wire
    theirs.send(packets.pack(packets.OUTPUT, 0, b"last words"))
    theirs.send(packets.pack_control("expelled", {"text": "elsewhere"}))
    assert await attachment.read() == Output(0, b"last words")
    with pytest.raises(SandboxRefused, match="elsewhere"):
        await attachment.read()


async def test_a_piece_is_not_joined_without_bound(wire: tuple[Attachment, socket.socket]) -> None:
    attachment, theirs = wire
    large = b"x" * (packets.OUTPUT_MAX_BYTES // 2)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * len(large))
    for number in range(3):
        theirs.send(packets.pack(packets.OUTPUT, number * len(large), large))
    assert [len((await attachment.read()).data) for _ in range(2)] == [2 * len(large), len(large)]

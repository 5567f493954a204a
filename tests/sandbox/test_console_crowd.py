"""One console's flood, or its stuck paste, is nobody else's: how much is done for one before others have their turn."""

from __future__ import annotations

import asyncio
import os
import socket
from types import SimpleNamespace
from typing import Any

from sandbox import packets
from sandbox.attachment import TURN_PACKETS, Attachment, Output
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
    await stuck.open("import time\nprint('up', flush=True)\ntime.sleep(1000)")
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


async def test_whoever_reads_a_flood_lets_others_have_their_turn() -> None:
    """In the web process: packets that are there already are taken without waiting, but not for ever."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    info: Any = None
    attachment = Attachment(ours, info, 0, 0)
    for offset in range(4 * TURN_PACKETS):
        theirs.send(packets.pack(packets.OUTPUT, offset, b"x"))
    seen: list[int] = []

    async def read_all() -> None:
        for offset in range(4 * TURN_PACKETS):
            arrival = await attachment.read()
            assert isinstance(arrival, Output)
            assert arrival.offset == offset
            seen.append(offset)

    reading = asyncio.create_task(read_all())
    lengths = []
    while not reading.done():
        await asyncio.sleep(0)
        lengths.append(len(seen))
    await reading
    assert max(later - earlier for earlier, later in zip([0, *lengths], lengths, strict=False)) <= TURN_PACKETS
    attachment.close()
    theirs.close()

"""Standard input and output without ever stopping the event loop: a thread each, since a write to a terminal may wait
for as long as nobody reads it, and files cannot be polled. The threads are daemons: none keeps the client from leaving.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from client.terminal import STDERR, STDIN, STDOUT

READ_BYTES: Final = 32 * 1024
WRITE_BYTES: Final = 4096  # at once, so that a writer that is told to stop stops soon


@dataclass(frozen=True)
class Piece:
    """Once these bytes are written, output up to the offset `end` is shown."""

    data: bytes
    end: int | None = None
    stream: int = STDOUT


class Writer:
    """Writes in order. `on_written(end)` comes on the event loop, as does `on_fault()` when nobody reads any more."""

    def __init__(self, on_written: Callable[[int], None], on_fault: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.on_written = on_written
        self.on_fault = on_fault
        self.pieces: queue.SimpleQueue[Piece] = queue.SimpleQueue()
        self.pending_bytes = 0
        self.pending = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.stopped = False
        threading.Thread(target=self.write_all, daemon=True).start()

    def put(self, piece: Piece) -> None:
        self.pending += 1
        self.pending_bytes += len(piece.data)
        self.idle.clear()
        self.pieces.put(piece)

    def stop(self) -> None:
        """Soon, whatever is left."""
        self.stopped = True

    def write_all(self) -> None:
        while True:
            piece = self.pieces.get()
            try:
                self.write(piece)
            except OSError:
                if piece.stream != STDERR:
                    call_from_thread(self.loop, self.on_fault)
                    return
            call_from_thread(self.loop, self.note, piece)

    def write(self, piece: Piece) -> None:
        rest = memoryview(piece.data)
        while rest and not self.stopped:
            rest = rest[os.write(piece.stream, rest[:WRITE_BYTES]) :]

    def note(self, piece: Piece) -> None:
        self.pending -= 1
        self.pending_bytes -= len(piece.data)
        if piece.end is not None and not self.stopped:
            self.on_written(piece.end)
        if not self.pending:
            self.idle.set()


class Reader:
    """Reads standard input piece by piece: the next once `on_data(data)` has returned true, or `go_on` was called.
    `on_end()` comes at the end of it."""

    def __init__(self, on_data: Callable[[bytes], bool], on_end: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.on_data = on_data
        self.on_end = on_end
        self.room = threading.Event()
        threading.Thread(target=self.read_all, daemon=True).start()

    def read_all(self) -> None:
        while data := read_input():
            self.room.clear()
            call_from_thread(self.loop, self.hand_over, data)
            self.room.wait()
        call_from_thread(self.loop, self.on_end)

    def hand_over(self, data: bytes) -> None:
        if self.on_data(data):
            self.go_on()

    def go_on(self) -> None:
        self.room.set()


def read_input() -> bytes:
    try:
        return os.read(STDIN, READ_BYTES)
    except OSError:  # a terminal that has hung up; a descriptor that was closed before we began
        return b""


def call_from_thread(loop: asyncio.AbstractEventLoop, what: Callable[..., None], *arguments: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is over: nobody wants to know any more
        loop.call_soon_threadsafe(what, *arguments)


async def in_thread(call: Callable[[], None]) -> None:
    """Until it is done. Nobody waits for it who is cancelled, not even the interpreter's end."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def calling() -> None:
        try:
            call()
        finally:
            call_from_thread(loop, done.set)

    threading.Thread(target=calling, daemon=True).start()
    await done.wait()

"""What is typed into one console: each client's input by offset, waiting here until the terminal takes it.

For session.py. A client that repeats itself after it was cut off is not typed twice.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import terminal
from sandbox.limits import KIB

WAITING_MAX_BYTES = 64 * KIB
PIECE_BYTES = KIB
CLIENTS_MAX = 256  # remembered beside those who are here
BURST_SECONDS = 1.0
CTRL_C = b"\x03"


@dataclass
class Typist:
    client: str
    received: int = 0  # input bytes that need not be sent again
    typed: int = 0  # input bytes that the terminal took, or that were thrown away


class TypingRefused(Exception):
    """The message is for the page that typed it."""


class Keyboard:
    """`on_typed` is told whenever a client's count of typed bytes has grown; `is_here`: whether it watches."""

    def __init__(self, on_typed: Callable[[str, int], None], is_here: Callable[[str], bool]) -> None:
        self.on_typed = on_typed
        self.is_here = is_here
        self.loop = asyncio.get_running_loop()
        self.master = -1  # of the terminal, while a program is there
        self.typists: OrderedDict[str, Typist] = OrderedDict()
        self.waiting: deque[tuple[Typist, bytes]] = deque()
        self.waiting_bytes = 0
        self.is_stuck = False
        self.written, self.burst_bytes = 0.0, 0  # when something last was, and how much without a pause before

    def connect(self, master: int) -> None:
        self.master = master

    def disconnect(self) -> None:
        """The program is gone; nobody will read what waits."""
        self.throw_away()
        self.master = -1

    def typed_by(self, client: str) -> int:
        return self.counts_of(client)[0]

    def counts_of(self, client: str) -> tuple[int, int]:
        """Typed, and received."""
        typist = self.typists.get(client, Typist(client))
        return typist.typed, typist.received

    def typist(self, client: str) -> Typist:
        """Remembered while it is here, and while not too many others who have left have typed since."""
        typist = self.typists.get(client)
        if typist is None:
            away = [other for other in self.typists if not self.is_here(other)]
            for forgotten in away[: max(0, len(away) + 1 - CLIENTS_MAX)]:
                del self.typists[forgotten]
            typist = self.typists[client] = Typist(client)
        self.typists.move_to_end(client)
        return typist

    def type(self, client: str, offset: int, data: bytes) -> None:
        """Raises TypingRefused; nothing is typed then."""
        typist = self.typist(client)
        known = typist.received - offset
        if known < 0:
            raise TypingRefused(f"input from byte {offset} on came, but {typist.received} is where it goes on")
        data = data[known:]
        if not data:
            self.on_typed(client, typist.typed)
        elif self.master < 0:
            typist.received += len(data)
            self.count(typist, len(data))
        elif data == CTRL_C and self.interrupts_late():
            typist.received += 1
            self.interrupt()
            self.count(typist, 1)
        elif self.waiting_bytes + len(data) > WAITING_MAX_BYTES:
            raise TypingRefused(f"more than {WAITING_MAX_BYTES} bytes of input wait to be read by the program")
        else:
            typist.received += len(data)
            self.wait(typist, data)
            if not self.is_stuck:
                self.write()

    def wait(self, typist: Typist, data: bytes) -> None:
        """Small pieces together, or 64 KiB would be as many objects, each to be dealt with when it is thrown away."""
        self.waiting_bytes += len(data)
        if self.waiting and self.waiting[-1][0] is typist and len(self.waiting[-1][1]) < PIECE_BYTES:
            data = self.waiting.pop()[1] + data
        self.waiting.append((typist, data))

    def skip(self, client: str, offset: int, length: int) -> None:
        """Input that was refused: it counts as typed, so that what follows it is not out of order. Raises TypingRefused
        where something before it is missing."""
        typist = self.typist(client)
        if offset > typist.received:
            raise TypingRefused(f"input from byte {offset} on came, but {typist.received} is where it goes on")
        fresh = max(0, offset + length - typist.received)
        typist.received += fresh
        self.count(typist, fresh)

    def interrupts_late(self) -> bool:
        """Whether a Ctrl-C would wait behind what the program does not read."""
        if not terminal.reads_interrupts(self.master):
            return False
        was_pasted = self.burst_bytes >= terminal.STUCK_BYTES and self.loop.time() - self.written < BURST_SECONDS
        return self.is_stuck or was_pasted or terminal.is_stuck(self.master)

    def write(self) -> None:
        """As much as the terminal takes."""
        written = 0
        try:
            while self.waiting:
                typist, data = self.waiting[0]
                written = os.write(self.master, data)
                self.note_burst(written)
                self.advance(typist, data, written)
        except BlockingIOError:
            if not self.is_stuck:
                self.is_stuck = True
                self.loop.add_writer(self.master, self.write)
            return
        except OSError:  # nobody has the terminal open any more
            self.throw_away()
        self.unstick()

    def note_burst(self, written: int) -> None:
        """The kernel passes on what was written in its own time, so how much of it is unread cannot be seen at once."""
        now = self.loop.time()
        self.burst_bytes = written + (self.burst_bytes if now - self.written < BURST_SECONDS else 0)
        self.written = now

    def advance(self, typist: Typist, data: bytes, written: int) -> None:
        self.waiting.popleft()
        self.waiting_bytes -= written
        if written < len(data):
            self.waiting.appendleft((typist, data[written:]))
        self.count(typist, written)

    def count(self, typist: Typist, length: int) -> None:
        typist.typed += length
        self.on_typed(typist.client, typist.typed)

    def interrupt(self) -> None:
        if self.master >= 0:
            self.throw_away()
            terminal.interrupt(self.master)

    def throw_away(self) -> None:
        """What waits counts as typed."""
        while self.waiting:
            typist, data = self.waiting[0]
            self.advance(typist, data, len(data))
        self.unstick()

    def change_hands(self, client: str) -> None:
        """Only this one types from now on."""
        if not self.is_of(client):
            self.throw_away()

    def is_of(self, client: str) -> bool:
        """Whether whatever waits was typed by this one."""
        return not self.waiting or self.waiting[0][0].client == client

    def unstick(self) -> None:
        if self.is_stuck:
            self.is_stuck = False
            self.loop.remove_writer(self.master)

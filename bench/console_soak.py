"""Cuts the connection of one console again and again while its program writes, and counts bytes lost and doubled.

Every byte of the program's output is known beforehand from where it stands, so a wrong one shows. Used by console.py
and, with few reconnects, by the tests.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from bench.console_site import ConsoleSite
from bench.console_timings import PROMPTS
from bench.terminal import Late, OurTerminal, readable

LINES_A_TURN = 256  # between two pauses of the program: about 400 kB a second, so that 256 KiB last for a reconnect
NUMBERS = (
    b'import time\rfor i in range(10**9):\r print(f"{i:014d}"); x = i %% %d or time.sleep(0.01)\r\r' % LINES_A_TURN
)
LINE_BYTES = 16  # fourteen digits and what a terminal makes of a newline
FIRST_LINE = b"%014d\r\n" % 0
FRAMES_MAX = 12  # of one connection
SILENCE_MAX_SECONDS = 10.0
CLIENT = "soak"


@dataclass
class Ledger:
    """What came, against what was written. `first` is the offset at which the numbers begin."""

    first: int
    seen: int
    lost: int = 0
    doubled: int = 0
    wrong: int = 0

    def note(self, offset: int, data: bytes) -> None:
        self.lost += max(0, offset - self.seen)
        self.doubled += max(0, min(self.seen - offset, len(data)))
        self.wrong += sum(
            1 for came, due in zip(data, written(offset - self.first, len(data)), strict=True) if came != due
        )
        self.seen = max(self.seen, offset + len(data))


def written(offset: int, length: int) -> bytes:
    """What the program writes there."""
    line = offset // LINE_BYTES
    last = (offset + length) // LINE_BYTES
    lines = b"".join(b"%014d\r\n" % number for number in range(line, last + 1))
    return lines[offset - line * LINE_BYTES :][:length]


@dataclass(frozen=True)
class Soaked:
    reconnects: int
    bytes: int
    lost: int
    doubled: int
    wrong: int


def soak(site: ConsoleSite, reconnects: int, seconds: float) -> Soaked:
    """So many reconnects, or as many as there is time for. Raises Late and OSError."""
    token = next(site.tokens)
    session = site.start(token, "python")
    chance = random.Random(1)
    try:
        terminal = OurTerminal(site.connect(token, session, CLIENT, 0))
        ledger = begin(terminal)
        started, done = ledger.seen, 0
        deadline = time.monotonic() + seconds
        while done < reconnects and time.monotonic() < deadline:
            if chance.random() < 0.5:
                terminal.websocket.cut()
            terminal.end()
            terminal = OurTerminal(site.connect(token, session, CLIENT, ledger.seen), seen=ledger.seen)
            done += 1
            read(terminal, ledger)  # what came with the upgrade
            for _ in range(chance.randint(0, FRAMES_MAX)):
                listen(terminal)
                read(terminal, ledger)
        terminal.end()
        return Soaked(done, ledger.seen - started, ledger.lost, ledger.doubled, ledger.wrong)
    finally:
        site.end(token, session)


def begin(terminal: OurTerminal) -> Ledger:
    """Starts the program; the ledger begins with the first number."""
    terminal.wait_for(PROMPTS["python"])
    terminal.type(NUMBERS)
    came, start = b"", terminal.seen
    while (at := came.find(FIRST_LINE)) < 0:
        listen(terminal)
        came += b"".join(terminal.pieces())
    ledger = Ledger(first=start + at, seen=start + at)
    ledger.note(start + at, came[at:])
    return ledger


def read(terminal: OurTerminal, ledger: Ledger) -> None:
    for data in terminal.pieces():
        ledger.note(terminal.piece_start, data)


def listen(terminal: OurTerminal) -> None:
    if not readable([terminal], SILENCE_MAX_SECONDS):
        raise Late(f"nothing came for {SILENCE_MAX_SECONDS:g} s, after {terminal.seen} bytes")
    terminal.websocket.receive()

"""One program on a terminal of its own, until all of it is dead and its last byte is read. For session.py."""

from __future__ import annotations

import asyncio
import os
from typing import Protocol

from sandbox import terminal, wire
from sandbox.cell import Cell
from sandbox.display_channel import DisplayChannel
from sandbox.keeper import Keeper
from sandbox.limits import KIB
from sandbox.outcome import Outcome
from sandbox.session_info import Size

TURN_BYTES = 64 * KIB  # read at once: others wait for so much
TERMINAL_BYTES = 4 * KIB  # the most a terminal ever gives at a time; room for more would only cost
SPARSE_BYTES = 1 * KIB  # a read of less is the last of what was there
REOPEN_PAUSE_SECONDS = 0.25


class Listener(Protocol):
    def room(self) -> int:
        """How many bytes of output may be read now."""

    def on_output(self, data: bytes) -> None: ...
    def on_display(self, message: bytes) -> None: ...
    def on_display_fault(self, text: str) -> None: ...
    def on_end(self, outcome: Outcome | None) -> None:
        """Everything it has put out was heard before; None when its jail was lost by a fault of ours."""


class Program:
    def __init__(self, cell: Cell, listener: Listener) -> None:
        self.cell = cell
        self.listener = listener
        self.loop = asyncio.get_running_loop()
        self.master = cell.terminal
        os.set_blocking(self.master, False)
        self.outcome: Outcome | None = None
        self.is_read = False
        self.is_over = False
        self.reopen_timer: asyncio.TimerHandle | None = None
        self.displays = DisplayChannel(cell.displays, listener.on_display, listener.on_display_fault)
        self.keeper = Keeper(cell, self.on_outcome)
        cell.watchers.append(self.on_change)

    def start(self, owner: str, payload: int, size: Size) -> None:
        """Raises OSError when the jail is gone."""
        self.resize(size)
        self.keeper.start_session(owner, payload)
        self.displays.start()
        self.read_on()

    def resize(self, size: Size) -> None:
        terminal.resize(self.master, size.rows, size.columns)

    def read_on(self) -> None:
        """As far as there is room for it. Called when there may be more."""
        may_read = not self.is_over and self.reopen_timer is None and self.listener.room() > 0
        if may_read and not self.is_read:
            self.loop.add_reader(self.master, self.on_readable)
        elif self.is_read and not may_read:
            self.loop.remove_reader(self.master)
        self.is_read = may_read

    def on_readable(self) -> None:
        pieces, room = [], min(TURN_BYTES, self.listener.room())
        while room > 0:
            try:
                piece = os.read(self.master, min(room, TERMINAL_BYTES))
            except BlockingIOError:
                break
            except OSError:  # EIO: no process has the terminal open; one may open it again
                self.reopen_timer = self.loop.call_later(REOPEN_PAUSE_SECONDS, self.on_reopen)
                break
            pieces.append(piece)
            room -= len(piece)
            if len(piece) < SPARSE_BYTES:
                break
        if pieces:
            self.listener.on_output(b"".join(pieces))
        self.read_on()

    def on_reopen(self) -> None:
        self.reopen_timer = None
        self.read_on()

    def on_outcome(self, outcome: Outcome | None) -> None:
        self.outcome = outcome

    def on_change(self, cell: Cell) -> None:
        """The keeper has heard it before."""
        if cell.is_dead and not self.is_over:
            self.is_over = True
            self.let_go()
            self.read_rest()
            self.listener.on_end(self.outcome)
            wire.close_all([self.master, self.displays.channel])

    def let_go(self) -> None:
        self.read_on()
        self.displays.stop()
        if self.reopen_timer is not None:
            self.reopen_timer.cancel()

    def read_rest(self) -> None:
        """All are dead, so what lies in the kernel is the last, and it is little."""
        try:
            while piece := os.read(self.master, TURN_BYTES):
                self.listener.on_output(piece)
        except OSError:  # EIO, or EAGAIN where nobody ever had it open
            pass
        self.displays.read_rest()

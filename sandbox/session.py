"""One console: its programs one after the other, what they have put out, and who watches. Kept by sessions.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sandbox.cell import Cell
from sandbox.counts import Counts, Entry
from sandbox.displays import Budget, Displays
from sandbox.introductions import Introductions
from sandbox.keyboard import Keyboard
from sandbox.limits import KIB
from sandbox.outcome import Ended, Outcome
from sandbox.program import TURN_BYTES, Program
from sandbox.scrollback import Scrollback
from sandbox.session_info import SessionInfo, Size
from sandbox.watcher import Watcher

CREDIT_BYTES = 256 * KIB  # the terminal is not read while the driver has so much before it
USAGE_SECONDS = 2.0
TYPED_PAUSE_SECONDS = 0.005
LOST = "The console was lost by a fault of the server's, not of the program's."
LOST_OUTCOME = Outcome(Ended.KILLED, None, None, 0.0, 0.0, None)


class Session:
    """`on_ended` is told each time a program has ended."""

    def __init__(
        self,
        number: int,
        session_id: str,
        owner: str,
        about: dict[str, Any],
        size: Size,
        budget: Budget,
        counts: Counts,
        on_ended: Callable[[Session], None],
    ) -> None:
        self.number = number
        self.id = session_id
        self.owner = owner
        self.about = about
        self.size = size
        self.counts = counts
        self.on_ended = on_ended
        self.job = ""  # of the program it has, or had last
        self.loop = asyncio.get_running_loop()
        self.started = self.last_input = time.time()
        self.scrollback = Scrollback()
        self.displays = Displays(budget)
        self.keyboard = Keyboard(self.on_typed, lambda client: client in self.watchers)
        self.typed: dict[str, int] = {}  # by client, what is still to be told
        self.watchers: dict[str, Watcher] = {}  # by client
        self.introductions = Introductions(self.watchers)
        self.driver: Watcher | None = None
        self.program: Program | None = None
        self.is_starting = True  # its program, for which a jail is awaited
        self.over = asyncio.Event()  # no program is there
        self.over.set()
        self.outcome: Outcome | None = None
        self.fault: str | None = None
        self.usage: dict[str, Any] = {"cpu_seconds": 0.0, "cpu_limit_seconds": 0.0, "memory_bytes": None}
        self.usage_told = self.usage
        self.usage_timer: asyncio.TimerHandle | None = None

    # The program

    def start(self, cell: Cell, home: str, payload: int) -> None:
        """`home` is whose, or NOBODY. Raises OSError when the jail is gone; then this program ends as any other."""
        if cell.is_dead:
            raise OSError("the jail died before it was used")
        is_restart = self.outcome is not None
        self.outcome = self.fault = None
        self.over.clear()
        self.program = Program(cell, self)
        self.keyboard.connect(self.program.master)
        try:
            self.program.start(home, payload, self.size)
        except OSError:
            self.program.keeper.stop(Ended.KILLED)
            raise
        if is_restart:
            self.tell("restarted", {"offset": self.scrollback.end}, self.scrollback.end)
        self.look_at_usage()

    def stop(self, why: Ended = Ended.KILLED) -> None:
        if self.program is not None:
            self.program.keeper.stop(why)

    def room(self) -> int:
        if self.driver is None:
            return TURN_BYTES
        return CREDIT_BYTES - (self.scrollback.end - self.driver.acked)

    def read_on(self) -> None:
        if self.program is not None:
            self.program.read_on()

    def on_output(self, data: bytes) -> None:
        self.scrollback.add(data)
        self.send_on()

    def on_display(self, message: bytes) -> None:
        self.displays.add(message)
        self.send_on()

    def on_display_fault(self, text: str) -> None:
        self.tell("refused", {"text": text})

    def on_end(self, outcome: Outcome | None) -> None:
        self.look_at_usage()
        self.keyboard.disconnect()
        self.program = None
        self.outcome = outcome or LOST_OUTCOME
        self.counts.ended(Entry.CONSOLE, self.owner, self.job, outcome)
        self.fault = None if outcome else LOST
        content = {"outcome": self.outcome.as_message()}
        self.tell("ended", content | ({"fault": self.fault} if self.fault else {}), self.scrollback.end)
        self.over.set()
        self.on_ended(self)

    # What is typed

    def type(self, watcher: Watcher, offset: int, data: bytes) -> None:
        """Raises TypingRefused."""
        self.note_input()
        self.keyboard.type(watcher.client, offset, data)

    def interrupt(self) -> None:
        self.note_input()
        self.keyboard.interrupt()

    def note_input(self) -> None:
        self.last_input = time.time()
        if self.program is not None:
            self.program.keeper.note_life()

    def on_typed(self, client: str, offset: int) -> None:
        """Told a moment later: the echo comes first, and keys that follow each other closely are answered together."""
        if client not in self.typed:
            self.loop.call_later(TYPED_PAUSE_SECONDS, self.tell_typed, client)
        self.typed[client] = offset

    def tell_typed(self, client: str) -> None:
        watcher, offset = self.watchers.get(client), self.typed.pop(client)
        if watcher is not None:
            watcher.tell("typed", {"offset": offset})

    def resize(self, size: Size) -> None:
        if size == self.size:
            return
        self.size = size
        if self.program is not None:
            self.program.resize(size)
        self.tell("size", vars(size))

    # Who watches

    def attach(self, watcher: Watcher, *, drives: bool) -> None:
        former = self.watchers.get(watcher.client)
        had_keyboard = former is not None and former.drives
        if former is not None:
            former.expel("this page has connected anew")
        self.watchers[watcher.client] = watcher
        if drives and (had_keyboard or self.driver is None):
            self.driver = watcher
            self.keyboard.change_hands(watcher.client)
        typed, received = self.keyboard.counts_of(watcher.client)
        watcher.tell("welcome", {"session": self.info().as_message(), "typed": typed, "received": received})
        watcher.tell("replayed", {"offset": self.scrollback.end}, self.scrollback.end)
        self.introductions.make()
        self.read_on()
        self.look_at_usage()

    def detach(self, watcher: Watcher) -> None:
        if watcher.is_closed:
            return
        watcher.close()
        if self.watchers.get(watcher.client) is watcher:
            del self.watchers[watcher.client]
        if self.driver is watcher:
            self.driver = None
        self.introductions.make()
        self.read_on()

    def let_drive(self, watcher: Watcher | None) -> None:
        """The keyboard is taken from whoever has it. What that one typed and nobody has read yet is thrown away."""
        if watcher is self.driver:
            return
        self.driver = watcher
        if watcher is not None:
            self.keyboard.change_hands(watcher.client)
        self.introductions.make()
        self.read_on()

    def tell(self, kind: str, content: dict[str, Any], offset: int = 0) -> None:
        for watcher in list(self.watchers.values()):
            watcher.tell(kind, content, offset)

    def send_on(self) -> None:
        for watcher in list(self.watchers.values()):
            watcher.send_on()

    # What it has used

    def look_at_usage(self) -> None:
        """Now, and again while somebody watches a program."""
        self.measure()
        if self.usage != self.usage_told:
            self.usage_told = self.usage
            self.tell("usage", self.usage)
        if self.usage_timer is not None:
            self.usage_timer.cancel()
            self.usage_timer = None
        if self.program is not None and self.watchers:
            self.usage_timer = self.loop.call_later(USAGE_SECONDS, self.look_at_usage)

    def measure(self) -> None:
        if self.program is not None:
            cell = self.program.cell
            self.usage = {
                "cpu_seconds": round(self.program.keeper.cpu_seconds(), 2),
                "cpu_limit_seconds": cell.limits.cpu_seconds,
                "memory_bytes": cell.group.peak_memory_bytes() if cell.group else None,
            }

    def info(self) -> SessionInfo:
        self.measure()
        return SessionInfo(
            id=self.id,
            owner=self.owner,
            about=self.about,
            size=self.size,
            started=self.started,
            last_input=self.last_input,
            start_offset=self.scrollback.start,
            end_offset=self.scrollback.end,
            watchers=tuple(watcher.info() for watcher in self.watchers.values()),
            outcome=self.outcome,
            fault=self.fault,
            **self.usage,
        )

    def close(self) -> None:
        """It is forgotten, and its program dead. Watchers get what is left to tell, if they take it soon."""
        if self.usage_timer is not None:
            self.usage_timer.cancel()
        self.displays.budget.release(self.displays)
        for watcher in list(self.watchers.values()):
            watcher.leave_soon()

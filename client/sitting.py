"""One person in front of one console: joins their terminal, what they type and the conversation, and ends it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from typing import Final

from client import words
from client.connection import Connection
from client.conversation import INTERRUPT, Conversation, Ending
from client.escape import Escape
from client.protocol import ProtocolFault
from client.queries import QueryFilter
from client.streams import Piece, Reader, Writer
from client.terminal import STDERR, Terminal
from client.website import Website

UNWRITTEN_MAX_BYTES: Final = 1024 * 1024  # a server that keeps to the credit sends far less
UNSENT_MAX_BYTES: Final = 256 * 1024  # of a pipe; then it waits
END_OF_INPUT: Final = b"\x04"
AGAIN_SECONDS: Final = (1.0, 30.0)  # the first pause after an end of input that nobody has read, and the longest
BELL: Final = b"\a"
NO_READER: Final = 128 + signal.SIGPIPE
ENDING_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


class Sitting:
    """Made inside an event loop."""

    def __init__(self, terminal: Terminal, site: Website, *, watches_only: bool, patience_seconds: float) -> None:
        self.terminal = terminal
        self.page = site.address.page
        self.conversation = Conversation(secrets.token_urlsafe(16), self, watches_only=watches_only)
        self.connection = Connection(
            site, self.conversation, patience_seconds, on_waiting=self.on_waiting, on_heard=self.on_heard
        )
        self.escape = Escape()
        self.queries = QueryFilter()
        self.writer = Writer(self.on_written, self.on_no_reader)
        self.reader: Reader | None = None
        self.ending_input: asyncio.Future[None] | None = None
        self.told_of_waiting = False
        self.left: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    async def run(self) -> Ending:
        self.on_resize()
        if self.terminal.types or not self.conversation.watches_only:
            self.reader = Reader(self.on_typed, self.on_end_of_input)
        carrying = asyncio.ensure_future(self.carry())
        await asyncio.wait({carrying, self.left}, return_when=asyncio.FIRST_COMPLETED)
        self.writer.stop()
        if carrying.done():
            return carrying.result()
        carrying.cancel()
        await asyncio.wait({carrying})
        return self.left.result()

    async def carry(self) -> Ending:
        """Until the end, and all output is written."""
        ending = await self.connection.carry()
        self.write(self.queries.flush())
        await self.writer.idle.wait()
        return ending

    def leave(self, ending: Ending) -> None:
        if not self.left.done():
            self.left.set_result(ending)

    # --- Signals ---

    def heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self.on_signal, number)
        loop.add_signal_handler(signal.SIGWINCH, self.on_resize)
        loop.add_signal_handler(signal.SIGTSTP, self.on_stop)

    def on_signal(self, number: signal.Signals) -> None:
        self.leave(Ending(words.signalled(number.name, self.page), 128 + number))

    def on_resize(self) -> None:
        if size := self.terminal.size():
            self.conversation.resize(*size)
            self.connection.wake()

    def on_stop(self) -> None:
        """Somebody else stops this process: Ctrl-Z itself goes to the program."""
        self.terminal.restore()
        os.kill(os.getpid(), signal.SIGSTOP)
        self.terminal.make_raw()
        self.on_resize()

    # --- What is typed ---

    def on_typed(self, data: bytes) -> bool:
        """Whether there is room for more. A terminal is read at all times, for the way out."""
        conversation = self.conversation
        if self.terminal.types:
            data = self.escape.feed(data)
            if self.escape.leaves or (conversation.watches_only and INTERRUPT in data):
                self.leave(Ending(words.left(self.page), 0))
                return False
        if data:
            conversation.type(data)
            self.connection.wake()
        return self.terminal.types or conversation.queue.pending_bytes < UNSENT_MAX_BYTES

    def on_end_of_input(self) -> None:
        if self.terminal.types:
            self.leave(Ending(words.signalled(signal.SIGHUP.name, self.page), 128 + signal.SIGHUP))
        else:
            self.ending_input = asyncio.ensure_future(self.end_input())

    async def end_input(self) -> None:
        """At the end of a file every read finds the end; a terminal's is found once, so it is typed again and again."""
        pause, longest = AGAIN_SECONDS
        while True:
            self.conversation.type(END_OF_INPUT)
            self.connection.wake()
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    # --- What the conversation reads ---

    def on_output(self, data: bytes, end: int, *, answered: bool) -> None:
        if self.terminal.shows:
            data = self.queries.flush() + data if answered else self.queries.feed(data)
        if self.writer.pending_bytes > UNWRITTEN_MAX_BYTES:
            raise ProtocolFault("more output than it may")
        self.write(data, end)

    def write(self, data: bytes, end: int | None = None) -> None:
        if self.terminal.shows:
            self.terminal.screen.watch(data)
        self.writer.put(Piece(data, end))

    def on_gap(self, size_bytes: int) -> None:
        self.queries.flush()
        self.tell(words.skipped(size_bytes))

    def on_notice(self, sentence: str) -> None:
        self.tell(sentence)

    def on_refused(self) -> None:
        if self.terminal.types and self.terminal.shows:
            self.writer.put(Piece(BELL))

    def on_heard(self) -> None:
        self.told_of_waiting = False
        if self.reader and self.conversation.queue.pending_bytes < UNSENT_MAX_BYTES:
            self.reader.go_on()

    def on_waiting(self) -> None:
        """Once for each time, and never into a program's picture."""
        if not self.told_of_waiting and not self.terminal.screen.on:
            self.told_of_waiting = True
            self.tell(words.interrupted_connection())

    def tell(self, sentence: str) -> None:
        end = "\r\n" if self.terminal.types else "\n"
        start = end if self.terminal.shows else ""
        self.writer.put(Piece(f"{start}ivle: {sentence}{end}".encode(), stream=STDERR))

    # --- What the writer says ---

    def on_written(self, end: int) -> None:
        self.conversation.show(end)
        self.connection.wake()

    def on_no_reader(self) -> None:
        self.leave(Ending(words.no_reader(), NO_READER))


def sit_down(terminal: Terminal, site: Website, *, watches_only: bool, patience_seconds: float) -> tuple[Ending, int]:
    """How it ended, and how many pictures and pages were displayed meanwhile."""

    async def sitting() -> tuple[Ending, int]:
        seat = Sitting(terminal, site, watches_only=watches_only, patience_seconds=patience_seconds)
        seat.heed_signals()  # before the terminal is raw, and until it is no more: none may end us in between
        with terminal:
            return await seat.run(), seat.conversation.displays

    return asyncio.run(sitting())

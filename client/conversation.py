"""What the client knows of one console and says about it, through any number of connections: docs/protocol.md.

No sockets, no terminal: connection.py gives it frames and carries away what `frames` yields, a Listener shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from client import words
from client.input_queue import InputQueue
from client.protocol import (
    ACK_EVERY_BYTES,
    CloseCode,
    ProtocolFault,
    decode_bytes,
    decode_message,
    encode_bytes,
    encode_message,
)

INTERRUPT: Final = b"\x03"
INTERRUPT_BEHIND_BYTES: Final = 4096  # what a terminal holds; behind more than that, Ctrl-C would be stuck
COMES_BACK: Final = frozenset({"going_away", "too_fast"})
FAILED: Final = 255  # exit status: the client's own failure, as ssh has it
NO_STATUS: Final = 254  # the program was stopped, or crashed: it has no exit status

FINAL: Final = {
    CloseCode.PROTOCOL: words.refused_frame(),
    CloseCode.LOGGED_OUT: words.logged_out(),
    CloseCode.GONE: words.no_console(),
}


@dataclass(frozen=True)
class Ending:
    """Why there is nothing more to do here, in a sentence, and the client's exit status."""

    sentence: str
    status: int


class Listener(Protocol):
    def on_output(self, data: bytes, end: int, *, answered: bool) -> None:
        """Output up to the offset `end`. Not `answered`: what it asks the terminal is not for us to answer."""

    def on_gap(self, size_bytes: int) -> None:
        """Output that is missing."""

    def on_notice(self, sentence: str) -> None:
        """What everybody is to know."""

    def on_refused(self) -> None:
        """What was typed is lost: another has the keyboard, or too much waits."""


class Conversation:
    def __init__(self, client: str, listener: Listener, *, watches_only: bool = False) -> None:
        self.client = client
        self.listener = listener
        self.watches_only = watches_only
        self.queue = InputQueue()
        self.received: int | None = None  # the first byte of output not seen yet; None: from the start of what is kept
        self.shown = 0
        self.acknowledged = 0
        self.connected = False
        self.ever_connected = False
        self.live = False  # what comes now is new
        self.drives = False
        self.may_type = False
        self.asks_drive = False
        self.wants_interrupt = False
        self.size: tuple[int, int] | None = None
        self.told_size: tuple[int, int] | None = None
        self.displays = 0
        self.last_display = -1
        self.outcome: Ending | None = None  # of a program that is over; its output may still be on the way
        self.ending: Ending | None = None
        self.closing: dict[str, Any] | None = None

    # --- What the person does ---

    def type(self, data: bytes) -> bool:
        """Whoever types takes the keyboard. False when nothing was kept."""
        if data == INTERRUPT and self.queue.pending_bytes > INTERRUPT_BEHIND_BYTES and self.drives:
            self.queue.drop_unsent()
            self.wants_interrupt = True
            return True
        if self.watches_only or (self.ever_connected and not self.may_type) or not self.queue.push(data):
            self.listener.on_refused()
            return False
        return True

    def resize(self, rows: int, columns: int) -> None:
        self.size = rows, columns

    def show(self, offset: int) -> None:
        """Output up to here has been shown."""
        self.shown = max(self.shown, offset)

    def frames(self) -> Iterator[str | bytes]:
        """What has to be said now. Each frame counts as said once it was yielded."""
        while self.connected and (frame := self.next_frame()) is not None:
            yield frame

    def next_frame(self) -> str | bytes | None:
        if self.wants_interrupt:
            self.wants_interrupt = False
            return encode_message("interrupt")
        if self.drives and self.size and self.size != self.told_size:
            self.told_size = self.size
            return encode_message("size", rows=self.size[0], columns=self.size[1])
        if self.shown - self.acknowledged >= ACK_EVERY_BYTES:
            self.acknowledged = self.shown
            return encode_message("ack", offset=self.shown)
        if not self.queue.unsent_bytes:
            return None
        if not self.drives:
            if self.asks_drive:
                return None
            self.asks_drive = True
            return encode_message("drive")
        frame = self.queue.next()
        return encode_bytes(*frame) if frame else None

    # --- What the server says ---

    def receive(self, frame: str | bytes) -> None:
        """Raises ProtocolFault."""
        if isinstance(frame, bytes):
            self.on_bytes(*decode_bytes(frame))
        elif message := decode_message(frame):
            kind, content = message
            if not self.connected and kind not in ("welcome", "closing"):
                raise ProtocolFault(f"{kind} before its welcome")
            getattr(self, f"on_{kind}")(content)

    def on_bytes(self, offset: int, data: bytes) -> None:
        if self.received is None or offset > self.received:
            raise ProtocolFault("output that was left out")
        fresh = data[self.received - offset :]
        if fresh:
            self.received += len(fresh)
            self.listener.on_output(fresh, self.received, answered=self.live and self.drives)

    def on_welcome(self, content: dict[str, Any]) -> None:
        if self.connected:
            raise ProtocolFault("a second welcome")
        self.connected = self.ever_connected = True
        self.live = self.asks_drive = False
        self.told_size = None
        if self.received is None:
            self.received = self.shown = content["offset"]
        self.acknowledged = content["offset"]
        self.may_type = content["may_type"]
        self.drives = content["drives"]
        self.queue.resume(content["typed"])
        self.outcome = ending_of(content["outcome"]) if content["outcome"] else None
        if not self.may_type:
            self.refuse_typed()

    def on_gap(self, content: dict[str, Any]) -> None:
        start, end = self.received or 0, content["to"]
        if end > start:
            self.received = end
            self.show(end)
            self.listener.on_gap(end - start)

    def on_replayed(self, content: dict[str, Any]) -> None:
        self.live = True
        self.ending = self.ending or self.outcome

    def on_typed(self, content: dict[str, Any]) -> None:
        self.queue.confirm(content["offset"])

    def on_watchers(self, content: dict[str, Any]) -> None:
        drives = any(one["client"] == self.client and one["drives"] for one in content["watchers"])
        if drives and not self.drives:
            self.told_size = None
        if self.drives and not drives:
            self.refuse_typed()
        self.drives = drives
        self.asks_drive = self.asks_drive and not drives

    def on_display(self, content: dict[str, Any]) -> None:
        if content["number"] > self.last_display:
            self.last_display = content["number"]
            self.displays += 1

    def on_ended(self, content: dict[str, Any]) -> None:
        self.outcome = ending_of(content)
        if self.live:
            self.ending = self.outcome

    def on_restarted(self, content: dict[str, Any]) -> None:
        self.outcome = None

    def on_ending(self, content: dict[str, Any]) -> None:
        self.listener.on_notice(words.readable(content["sentence"]))

    def on_refused(self, content: dict[str, Any]) -> None:
        self.asks_drive = False
        if content["reason"] == "read_only":
            self.queue.drop_unsent()
            self.listener.on_refused()

    def on_closing(self, content: dict[str, Any]) -> None:
        self.closing = content

    # --- Between connections ---

    def lose(self, code: int) -> None:
        """The connection is over, with this close code. Sets `ending` unless it is worth coming back."""
        self.connected = self.drives = False
        closing, self.closing = self.closing, None
        if self.ending:
            return
        if closing and closing["reason"] not in COMES_BACK:
            self.ending = self.outcome or Ending(words.readable(closing["sentence"]), FAILED)
        elif code in FINAL:
            self.ending = Ending(FINAL[CloseCode(code)], FAILED)

    def refuse_typed(self) -> None:
        if self.queue.drop_unsent():
            self.listener.on_refused()


def ending_of(content: dict[str, Any]) -> Ending:
    status = content["exit_status"]
    known = isinstance(status, int) and 0 <= status <= 255
    return Ending(words.readable(content["sentence"]), status if known else NO_STATUS)

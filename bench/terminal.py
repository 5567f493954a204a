"""One terminal as a page has it: what is typed, what has come. Ours and terminado's, so that all else is the same.

Used by every module of the part `console`.
"""

from __future__ import annotations

import json
import re
import select
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence

from bench.websocket import Opcode, WebSocket
from console.protocol import ACK_EVERY_BYTES, INPUT_CREDIT_BYTES, INPUT_MAX_BYTES, OFFSET

WAIT_MAX_SECONDS = 30.0
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>]|\x1b\([0-9A-B]")
WHERE_IS_THE_CURSOR, HERE = b"\x1b[6n", b"\x1b[1;1R"
REMEMBERED_BYTES = 16 * 1024
INTERRUPT = b"\x03"
Leave = Callable[[str], None]  # with the session


class Late(Exception):
    """What was waited for did not come; the message quotes what did."""


class Terminal(ABC):
    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket

    def fileno(self) -> int:
        return self.websocket.fileno()

    @abstractmethod
    def type(self, data: bytes) -> None: ...

    @abstractmethod
    def interrupt(self) -> None:
        """As the page does it when somebody presses Ctrl-C."""

    @abstractmethod
    def pieces(self) -> Iterator[bytes]:
        """The output in the frames that have come; does for each what the page does."""

    def take(self) -> bytes:
        """Waits for something to come; the output in it, which may be none. Answers where the cursor is."""
        self.websocket.receive()
        data = b"".join(self.pieces())
        if WHERE_IS_THE_CURSOR in data:
            self.type(HERE)
        return data

    def wait_for(self, wanted: bytes, seconds: float = WAIT_MAX_SECONDS) -> int:
        """Until that is to be read on the screen; the bytes of output that came. Raises Late."""
        deadline = time.monotonic() + seconds
        seen = b"".join(self.pieces())  # some may have come with the upgrade
        count = len(seen)
        while wanted not in plain(seen):
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not readable([self], remaining):
                raise Late(f"no {wanted!r} in {seconds:g} s, but {seen[-300:]!r}")
            data = self.take()
            count += len(data)
            seen = (seen + data)[-REMEMBERED_BYTES:]
        return count

    def end(self) -> None:
        self.websocket.close()


def plain(data: bytes) -> bytes:
    return ESCAPES.sub(b"", data)


class OurTerminal(Terminal):
    """docs/protocol.md: output acknowledged and input held back as the page does. `leave` is called at its end."""

    def __init__(self, websocket: WebSocket, leave: Leave | None = None, seen: int = 0) -> None:
        super().__init__(websocket)
        self.leave = leave
        self.session = ""
        self.seen = self.acknowledged = seen  # output
        self.piece_start = seen  # where the latest piece began
        self.sent = self.typed = 0  # input
        self.waiting = b""

    def type(self, data: bytes) -> None:
        self.waiting += data
        self.send_on()

    def send_on(self) -> None:
        while self.waiting and (room := INPUT_CREDIT_BYTES - (self.sent - self.typed)) > 0:
            piece = self.waiting[: min(room, INPUT_MAX_BYTES)]
            self.waiting = self.waiting[len(piece) :]
            self.websocket.send(Opcode.BINARY, OFFSET.pack(self.sent) + piece)
            self.sent += len(piece)

    def interrupt(self) -> None:
        self.type(INTERRUPT)

    def pieces(self) -> Iterator[bytes]:
        for opcode, frame in self.websocket.frames():
            if opcode is Opcode.BINARY:
                [self.piece_start] = OFFSET.unpack_from(frame)
                data = frame[OFFSET.size :]
                self.seen = self.piece_start + len(data)
                yield data
            else:
                self.on_text(json.loads(frame))
        if self.seen - self.acknowledged >= ACK_EVERY_BYTES:
            self.acknowledged = self.seen
            self.websocket.send(Opcode.TEXT, b'{"kind":"ack","offset":%d}' % self.seen)

    def on_text(self, message: dict[str, object]) -> None:
        if message["kind"] == "welcome":
            self.session = str(message["session"])
        if message["kind"] == "closing":
            raise Late(str(message["sentence"]))
        if message["kind"] in ("welcome", "typed"):
            typed = message["typed" if message["kind"] == "welcome" else "offset"]
            self.typed = typed if isinstance(typed, int) else self.typed
            self.send_on()

    def end(self) -> None:
        super().end()
        if self.leave:
            self.leave(self.session)


class TerminadoTerminal(Terminal):
    """JSON in text frames, nothing acknowledged."""

    def type(self, data: bytes) -> None:
        self.websocket.send(Opcode.TEXT, json.dumps(["stdin", data.decode()]).encode())

    def interrupt(self) -> None:
        self.type(INTERRUPT)

    def pieces(self) -> Iterator[bytes]:
        for _, frame in self.websocket.frames():
            kind, *content = json.loads(frame)
            if kind == "stdout":
                yield content[0].encode()


def readable(terminals: Sequence[Terminal], seconds: float | None) -> list[Terminal]:
    """Those to which something has come, in so long; None: for ever. Not by select(2), which knows 1,024 files only."""
    poll = select.poll()
    by_descriptor = {terminal.fileno(): terminal for terminal in terminals}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    milliseconds = None if seconds is None else seconds * 1000
    return [by_descriptor[descriptor] for descriptor, _ in poll.poll(milliseconds)]

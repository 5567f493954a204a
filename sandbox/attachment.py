"""One page's end of a console: what it shows, what is typed. Made by consoles.attach."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from sandbox import packets, wire
from sandbox.faults import SandboxError, SandboxRefused, SessionGone
from sandbox.limits import MIB
from sandbox.session_info import SessionInfo, Size

UNSENT_MAX_BYTES = MIB  # towards a supervisor that does not read
TURN_PACKETS = 8  # taken at once: then it is somebody else's turn, however much lies there


@dataclass(frozen=True)
class Output:
    offset: int
    data: bytes


@dataclass(frozen=True)
class Display:
    """One whole display message: a line of JSON and the bytes it tells of, without the length before them."""

    offset: int  # its number in the session
    data: bytes


@dataclass(frozen=True)
class Event:
    kind: str
    content: dict[str, Any]


BaseExceptionKind = type[BaseException] | None  # named here: in the class, `type` is what a keyboard does
Arrival = Output | Display | Event


class Attachment:
    """Use as an async context manager, or close it: that detaches. `read` may be cancelled; nothing is lost by it."""

    def __init__(self, connection: socket.socket, info: SessionInfo, typed: int, received: int) -> None:
        self.info = info
        self.typed = typed  # input bytes of this client that its program's terminal has taken so far
        self.received = received  # those that wait for that counted in, when this was made
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._descriptor = connection.fileno()
        self._waiter: asyncio.Future[None] | None = None
        self._is_heard = False  # by the event loop
        self._taken = 0  # packets since others had their turn
        self._has_more = True  # as far as is known
        self._next: Arrival | SandboxError | None = None  # what followed the output that was read last
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._display = bytearray()
        self._display_number = -1

    async def read(self) -> Arrival:
        """What comes next. Raises SessionGone when the session or the supervisor is gone, SandboxRefused when this
        attachment was closed from there."""
        while True:
            if self._taken >= TURN_PACKETS:
                self._taken = 0
                await asyncio.sleep(0)
            arrival, self._next = self._next or self._arrived(), None
            if isinstance(arrival, SandboxError):
                raise arrival
            if isinstance(arrival, Output):
                return self._with_what_follows(arrival)
            if arrival is not None:
                return arrival
            if not self._has_more:
                self._taken = 0
                await self._readable()
                self._has_more = True

    def _with_what_follows(self, output: Output) -> Output:
        """As one, what of it is there already: handing it on costs by the piece, and others wait meanwhile."""
        pieces, length = [output.data], len(output.data)
        while self._has_more and self._taken < TURN_PACKETS and length < packets.OUTPUT_MAX_BYTES:
            try:
                self._next = self._arrived()
            except SandboxError as fault:
                self._next = fault
            if not isinstance(self._next, Output):
                break
            pieces.append(self._next.data)
            length += len(self._next.data)
            self._next = None
        return Output(output.offset, b"".join(pieces)) if len(pieces) > 1 else output

    def _arrived(self) -> Arrival | None:
        """What the next packet completes, if there is one and it completes something. Raises SandboxError."""
        packet = self._take()
        self._has_more = packet is not None
        if packet is None:
            return None
        self._taken += 1
        return self._understand(packet)

    def _take(self) -> bytes | None:
        """A packet that is there already."""
        try:
            packet = self._connection.recv(packets.PACKET_MAX_BYTES)
        except (BlockingIOError, ConnectionResetError):
            # Closed there before all of ours was read: told once, and what was sent before is still to be had.
            return None
        except OSError as error:
            raise SessionGone(f"the connection to the sandbox broke: {error}") from error
        if not packet:
            raise SessionGone("the console is gone")
        return packet

    async def _readable(self) -> None:
        if not self._is_heard:
            self._loop.add_reader(self._descriptor, self._on_readable)
            self._is_heard = True
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _on_readable(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        elif self._waiter is None:  # nobody reads at the moment: do not be told of it again and again
            self._stop_hearing()

    def _stop_hearing(self) -> None:
        if self._is_heard:
            self._loop.remove_reader(self._descriptor)
            self._is_heard = False

    def _understand(self, packet: bytes) -> Arrival | None:
        if packet.startswith(b"{"):
            content = wire.parse(packet)
            kind = content.pop("kind")
            if kind == "expelled":
                raise SandboxRefused(content["text"])
            if kind in ("typed", "withdrawn"):
                self.typed = content["offset"]
            return Event(kind, content)
        kind, offset, data = packets.unpack(packet)
        return Output(offset, data) if kind == packets.OUTPUT else self._add_to_display(kind, offset, data)

    def _add_to_display(self, kind: bytes, number: int, data: bytes) -> Display | None:
        """One that the session forgot while it was on its way never ends."""
        if number != self._display_number:
            self._display, self._display_number = bytearray(), number
        self._display += data
        if kind != packets.DISPLAY_END:
            return None
        display = Display(number, bytes(self._display))
        self._display, self._display_number = bytearray(), -1
        return display

    def type(self, offset: int, data: bytes) -> None:
        """Input bytes from this offset of all that this client ever typed; at most 32 KiB."""
        if not 0 < len(data) <= packets.INPUT_MAX_BYTES:
            raise ValueError(f"{len(data)} bytes of input at once; 1 to {packets.INPUT_MAX_BYTES} fit")
        self._send(packets.pack(packets.INPUT, offset, data))

    def skip(self, offset: int, length: int) -> None:
        """Count this input, at most 32 KiB, as typed although it was not."""
        self._tell("skip", offset=offset, length=length)

    def withdraw(self) -> None:
        """Forget what this client typed and the terminal has not taken. `withdrawn` says how much it had taken."""
        self._tell("withdraw")

    def ack(self, offset: int) -> None:
        """Output up to here was shown."""
        self._tell("ack", offset=offset)

    def resize(self, size: Size) -> None:
        self._tell("size", **vars(size))

    def interrupt(self) -> None:
        """Ctrl-C for the program in the foreground, ahead of all that waits to be read by it, which is thrown away."""
        self._tell("interrupt")

    def drive(self) -> None:
        """Take the keyboard, whoever has it."""
        self._tell("drive")

    def release(self) -> None:
        self._tell("release")

    def _tell(self, kind: str, **content: int) -> None:
        self._send(packets.pack_control(kind, content))

    def _send(self, packet: bytes) -> None:
        """In order, never waiting. What cannot be sent any more shows in `read`."""
        if self._descriptor < 0:
            return
        self._unsent.append(packet)
        self._unsent_bytes += len(packet)
        if len(self._unsent) == 1:
            self._send_on()
        elif self._unsent_bytes > UNSENT_MAX_BYTES:
            self._forget_unsent()
            self._connection.shutdown(socket.SHUT_RDWR)

    def _send_on(self) -> None:
        try:
            while self._unsent:
                self._connection.send(self._unsent[0])
                self._unsent_bytes -= len(self._unsent.popleft())
        except BlockingIOError:
            self._loop.add_writer(self._descriptor, self._send_on)
            return
        except OSError:
            self._forget_unsent()
        self._loop.remove_writer(self._descriptor)

    def _forget_unsent(self) -> None:
        self._unsent.clear()
        self._unsent_bytes = 0
        self._loop.remove_writer(self._descriptor)

    def close(self) -> None:
        """Detach. Whoever waits in `read` is told that it is gone."""
        if self._descriptor < 0:
            return
        self._stop_hearing()
        self._forget_unsent()
        self._descriptor = -1
        self._connection.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: BaseExceptionKind, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

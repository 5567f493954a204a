"""One page that watches a console, as its session sees it: what of the output it has been sent, what it is told.

It holds no output: where it is in the scrollback is all it knows, so one that does not read costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any

from sandbox import packets
from sandbox.keyboard import TypingRefused
from sandbox.session_info import Size, WatcherInfo

if TYPE_CHECKING:
    from sandbox.session import Session

TURN_PACKETS = 8
LINGER_SECONDS = 5.0


class Watcher:
    def __init__(self, connection: socket.socket, session: Session, client: str, name: str, offset: int) -> None:
        self.connection = connection
        self.session = session
        self.client = client
        self.name = name
        self.sent = self.acked = offset
        self.display, self.display_position = session.displays.start, 0
        self.events: dict[str, tuple[int, dict[str, Any]]] = {}  # by kind: not before this offset is sent; the latest
        self.loop = asyncio.get_running_loop()
        self.is_blocked = False
        self.is_closed = False
        self.is_leaving = False
        self.loop.add_reader(connection, self.on_readable)

    @property
    def drives(self) -> bool:
        return self.session.driver is self

    def info(self) -> WatcherInfo:
        return WatcherInfo(self.client, self.name, self.drives)

    # To the page

    def tell(self, kind: str, content: dict[str, Any], offset: int = 0) -> None:
        """Once the output before `offset` has been sent. Of one kind only the latest is told."""
        self.events.pop(kind, None)
        self.events[kind] = offset, content
        self.send_on()

    def send_on(self) -> None:
        """As much as the page takes now."""
        if self.is_blocked or self.is_closed:
            return
        try:
            for _ in range(TURN_PACKETS):
                if not (self.send_event() or self.send_gap() or self.send_output() or self.send_display()):
                    break
            else:
                raise BlockingIOError  # others first
            if self.is_leaving:
                self.session.detach(self)
        except BlockingIOError:
            self.is_blocked = True
            self.loop.add_writer(self.connection, self.on_writable)
        except ConnectionError:
            self.is_blocked = True  # it has left, which is noticed once all is read that it said before
        except OSError:
            self.session.detach(self)

    def on_writable(self) -> None:
        self.is_blocked = False
        self.loop.remove_writer(self.connection)
        self.send_on()

    def send_event(self) -> bool:
        for kind, (offset, content) in self.events.items():
            if offset <= self.sent:
                self.connection.send(packets.pack_control(kind, content))
                del self.events[kind]
                return True
        return False

    def send_gap(self) -> bool:
        """It was too slow: what it has not had is forgotten."""
        scrollback = self.session.scrollback
        if self.sent >= scrollback.forgotten:
            return False
        self.connection.send(packets.pack_control("gap", {"from": self.sent, "to": scrollback.start}))
        self.sent = scrollback.start
        self.acked = max(self.acked, self.sent)  # what it will never have cannot be waited for
        return True

    def send_output(self) -> bool:
        most = min([packets.OUTPUT_MAX_BYTES, *(offset - self.sent for offset, _ in self.events.values())])
        data = self.session.scrollback.read(self.sent, most)
        if data:
            self.connection.send(packets.pack(packets.OUTPUT, self.sent, data))
            self.sent += len(data)
        return bool(data)

    def send_display(self) -> bool:
        displays = self.session.displays
        if self.display < displays.start:  # forgotten, though part of it may have been sent
            self.display, self.display_position = displays.start, 0
        if self.display == displays.end:
            return False
        message = displays.kept[self.display]
        piece = message[self.display_position : self.display_position + packets.OUTPUT_MAX_BYTES]
        end = self.display_position + len(piece)
        is_last = end == len(message)
        self.connection.send(packets.pack(packets.DISPLAY_END if is_last else packets.DISPLAY, self.display, piece))
        self.display, self.display_position = (self.display + 1, 0) if is_last else (self.display, end)
        return True

    # From the page

    def on_readable(self) -> None:
        for _ in range(TURN_PACKETS):
            if self.is_closed:
                return
            try:
                packet, _, flags, _ = self.connection.recvmsg(packets.PACKET_MAX_BYTES)
            except BlockingIOError:
                return
            except ConnectionResetError:  # it left before it read all of ours: told once, and what it said follows
                continue
            except OSError:
                packet, flags = b"", 0
            if not packet:
                self.session.detach(self)
                return
            try:
                if flags & socket.MSG_TRUNC:
                    raise ValueError("a packet too long")
                self.understand(packet)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                self.expel(f"this is not how a console is talked to: {error}")

    def understand(self, packet: bytes) -> None:
        """Raises what a packet causes that is not as it should be."""
        if not packet.startswith(b"{"):
            self.on_input(packet)
            return
        message = json.loads(packet)
        handler = MESSAGES.get(message["kind"])
        if handler is None:
            raise ValueError(f"unknown message {str(message['kind'])[:40]!r}")
        handler(self, message)

    def on_input(self, packet: bytes) -> None:
        kind, offset, data = packets.unpack(packet)
        if kind != packets.INPUT or not 0 < len(data) <= packets.INPUT_MAX_BYTES:
            raise ValueError("a packet that is no input")
        try:
            if self.may_type():
                self.session.type(self, offset, data)
            else:
                self.session.keyboard.skip(self.client, offset, len(data))
        except TypingRefused as refusal:
            self.tell("refused", {"text": str(refusal)})

    def on_skip(self, message: dict[str, Any]) -> None:
        offset, length = message["offset"], message["length"]
        if not (type(offset) is type(length) is int and offset >= 0 < length <= packets.INPUT_MAX_BYTES):
            raise ValueError("input that cannot be skipped")
        with contextlib.suppress(TypingRefused):
            self.session.keyboard.skip(self.client, offset, length)

    def on_withdraw(self, message: dict[str, Any]) -> None:
        keyboard = self.session.keyboard
        self.tell("withdrawn", {"offset": keyboard.typed_by(self.client)})
        if keyboard.is_of(self.client):
            keyboard.throw_away()

    def on_ack(self, message: dict[str, Any]) -> None:
        offset = message["offset"]
        if type(offset) is not int or offset > self.sent:
            raise ValueError("what was never sent cannot have been shown")
        if offset > self.acked:
            self.acked = offset
            if self.drives:
                self.session.read_on()

    def on_size(self, message: dict[str, Any]) -> None:
        size = Size.from_message(message)
        if self.may_type():
            self.session.resize(size)

    def on_interrupt(self, message: dict[str, Any]) -> None:
        if self.may_type():
            self.session.interrupt()

    def on_drive(self, message: dict[str, Any]) -> None:
        self.session.let_drive(self)

    def on_release(self, message: dict[str, Any]) -> None:
        if self.drives:
            self.session.let_drive(None)

    def may_type(self) -> bool:
        if not self.drives:
            text = "somebody else has the keyboard" if self.session.driver else "take the keyboard first"
            self.tell("refused", {"text": text, "read_only": True})
        return self.drives

    # Leaving

    def expel(self, text: str) -> None:
        """It is told why, if it still listens."""
        with contextlib.suppress(OSError):
            self.connection.send(packets.pack_control("expelled", {"text": text}))
        self.session.detach(self)

    def leave_soon(self) -> None:
        """Once it has been sent everything, and soon even if not."""
        self.is_leaving = True
        self.loop.call_later(LINGER_SECONDS, self.session.detach, self)
        self.send_on()

    def close(self) -> None:
        """Called by the session alone."""
        if not self.is_closed:
            self.is_closed = True
            self.loop.remove_reader(self.connection)
            self.loop.remove_writer(self.connection)
            self.connection.close()


MESSAGES = {
    "ack": Watcher.on_ack,
    "size": Watcher.on_size,
    "interrupt": Watcher.on_interrupt,
    "drive": Watcher.on_drive,
    "release": Watcher.on_release,
    "skip": Watcher.on_skip,
    "withdraw": Watcher.on_withdraw,
}

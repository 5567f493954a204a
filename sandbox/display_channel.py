"""Reads what one program displays, never so much or so often that other consoles would notice. For program.py."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator

from sandbox.displays import ChannelBroken, DisplayReader
from sandbox.limits import KIB, MIB

READ_BYTES = 64 * KIB  # at once: others wait for so much
TURN_MESSAGES = 8
REST_MESSAGES = 1024  # of a program that is over; nobody needs more
MESSAGE_LEAST_BYTES = 16 * KIB  # as which a small one counts: each has to be told to all who watch
BURST_BYTES = 16 * MIB
BYTES_PER_SECOND = 4 * MIB  # of a program that displays without end; it waits


class DisplayChannel:
    """`on_message` hears each whole message, `on_fault` once that no more can be understood."""

    def __init__(self, channel: int, on_message: Callable[[bytes], None], on_fault: Callable[[str], None]) -> None:
        self.channel = channel
        self.on_message = on_message
        self.on_fault = on_fault
        self.loop = asyncio.get_running_loop()
        self.reader = DisplayReader()
        self.messages: Iterator[bytes] = iter(())  # of what was read; not all may have been passed on
        self.is_broken = False
        self.allowance = float(BURST_BYTES)
        self.counted = self.loop.time()
        self.timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self.loop.add_reader(self.channel, self.on_readable)

    def on_readable(self) -> None:
        try:
            data = os.read(self.channel, READ_BYTES)
        except BlockingIOError:
            return
        self.take(data)
        self.go_on()

    def take(self, data: bytes) -> None:
        """If it makes no sense it is read all the same, or whoever writes would hang."""
        self.allowance -= len(data)
        if not self.is_broken:
            self.messages = self.reader.feed(data)

    def go_on(self) -> None:
        """Some messages, then others' turn."""
        self.timer = None
        has_more = self.pass_on(TURN_MESSAGES)
        now = self.loop.time()
        self.allowance = min(BURST_BYTES, self.allowance + (now - self.counted) * BYTES_PER_SECOND)
        self.counted = now
        if has_more or self.allowance < 0:
            self.loop.remove_reader(self.channel)
            self.timer = self.loop.call_later(max(0.0, -self.allowance / BYTES_PER_SECOND), self.go_on)
        else:
            self.start()

    def pass_on(self, most: int) -> bool:
        """Whether there may be more."""
        passed = 0
        try:
            while passed < most:
                message = next(self.messages, None)
                if message is None:
                    return False
                passed += 1
                self.allowance -= max(0, MESSAGE_LEAST_BYTES - len(message))
                self.on_message(message)
        except ChannelBroken as fault:
            self.is_broken = True
            self.on_fault(str(fault))
            return False
        return True

    def stop(self) -> None:
        self.loop.remove_reader(self.channel)
        if self.timer is not None:
            self.timer.cancel()

    def read_rest(self) -> None:
        """After `stop`: all who could write are dead, so what lies in the kernel is the last, and it is little."""
        try:
            while not self.pass_on(REST_MESSAGES) and (piece := os.read(self.channel, READ_BYTES)):
                self.take(piece)
        except BlockingIOError:
            pass

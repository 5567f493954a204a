"""What the programs of one console display beside their terminal: whole messages, numbered, the latest of them kept.

The supervisor cuts the channel into messages by their length and reads nothing in them. For session.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from sandbox.limits import MIB

MESSAGE_MAX_BYTES = 8 * MIB
KEPT_MAX_BYTES = 16 * MIB
KEPT_MAX = 64
ALL_KEPT_MAX_BYTES = 256 * MIB
LENGTH_BYTES = 4


class ChannelBroken(Exception):
    """What came is not a message, and where the next one begins cannot be known."""


class Budget:
    """What all sessions together may keep: whoever keeps most gives up first."""

    def __init__(self, most_bytes: int = ALL_KEPT_MAX_BYTES) -> None:
        self.most_bytes = most_bytes
        self.kept_bytes = 0
        self.holders: set[Displays] = set()

    def change(self, holder: Displays, by_bytes: int) -> None:
        self.holders.add(holder)
        self.kept_bytes += by_bytes
        if self.kept_bytes > self.most_bytes:
            max(self.holders, key=lambda other: other.kept_bytes).forget_first()

    def release(self, holder: Displays) -> None:
        """It will soon be gone, with all it keeps."""
        if holder in self.holders:
            self.holders.discard(holder)
            self.kept_bytes -= holder.kept_bytes


class Displays:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.kept: OrderedDict[int, bytes] = OrderedDict()
        self.kept_bytes = 0
        self.end = 0  # the number of the next one

    @property
    def start(self) -> int:
        """The number of the first that is kept."""
        return self.end - len(self.kept)

    def add(self, message: bytes) -> None:
        self.kept[self.end] = message
        self.end += 1
        self.kept_bytes += len(message)
        self.budget.change(self, len(message))
        while len(self.kept) > KEPT_MAX or self.kept_bytes > KEPT_MAX_BYTES:
            self.forget_first()

    def forget_first(self) -> None:
        _, message = self.kept.popitem(last=False)
        self.kept_bytes -= len(message)
        self.budget.change(self, -len(message))


class DisplayReader:
    """Cuts what comes through the display channel of one program into messages."""

    def __init__(self) -> None:
        self.partial = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now. Raises ChannelBroken."""
        self.partial += data
        while len(self.partial) >= LENGTH_BYTES:
            end = LENGTH_BYTES + int.from_bytes(self.partial[:LENGTH_BYTES])
            if end > LENGTH_BYTES + MESSAGE_MAX_BYTES:
                self.partial.clear()
                raise ChannelBroken(f"a display message of {end - LENGTH_BYTES} bytes; {MESSAGE_MAX_BYTES} fit")
            if len(self.partial) < end:
                return
            message = bytes(self.partial[LENGTH_BYTES:end])
            del self.partial[:end]
            yield message

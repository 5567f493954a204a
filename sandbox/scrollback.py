"""What a console has put out: the last part of it, by the offset of each byte since the beginning. For session.py."""

from __future__ import annotations

from sandbox.limits import KIB

SCROLLBACK_BYTES = 256 * KIB
MARGIN_BYTES = 64 * KIB


class Scrollback:
    """Keeps the last `kept_bytes` for whoever comes, and a margin for those that are reading them already; at most
    twice that, so that moving what is kept costs little per byte."""

    def __init__(self, kept_bytes: int = SCROLLBACK_BYTES, margin_bytes: int = MARGIN_BYTES) -> None:
        self.kept_bytes = kept_bytes
        self.all_bytes = kept_bytes + margin_bytes
        self.memory = bytearray()
        self.forgotten = 0  # the offset of the first byte in memory

    @property
    def start(self) -> int:
        """The first offset that is promised to be here."""
        return max(self.forgotten, self.end - self.kept_bytes)

    @property
    def end(self) -> int:
        return self.forgotten + len(self.memory)

    def add(self, data: bytes) -> None:
        self.memory += data
        too_many = len(self.memory) - self.all_bytes
        if too_many > self.all_bytes:
            del self.memory[:too_many]
            self.forgotten += too_many

    def read(self, offset: int, most_bytes: int) -> bytes:
        """From `offset` on, which must not be forgotten; b"" at the end."""
        begin = offset - self.forgotten
        return bytes(self.memory[begin : begin + most_bytes])

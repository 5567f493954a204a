"""What was typed and is not confirmed yet: kept until the server has it, sent a window at a time. Pure.

Offsets count this client's input bytes: confirmed <= sent <= end, and sent - confirmed is never above the window.
"""

from __future__ import annotations

from typing import Final

from client.protocol import INPUT_FRAME_BYTES, INPUT_WINDOW_BYTES

QUEUE_MAX_BYTES: Final = 16 * 1024 * 1024


class InputQueue:
    def __init__(self) -> None:
        self.data = bytearray()  # from confirmed to end
        self.confirmed = 0
        self.sent = 0

    @property
    def end(self) -> int:
        return self.confirmed + len(self.data)

    @property
    def pending_bytes(self) -> int:
        return len(self.data)

    @property
    def unsent_bytes(self) -> int:
        return self.end - self.sent

    def push(self, data: bytes) -> bool:
        """False, and nothing is kept, when it would be more than a client may keep."""
        if len(self.data) + len(data) > QUEUE_MAX_BYTES:
            return False
        self.data += data
        return True

    def next(self) -> tuple[int, bytes] | None:
        """The next frame that may go out now: its offset and its bytes."""
        start = self.sent - self.confirmed
        length = min(INPUT_WINDOW_BYTES - start, INPUT_FRAME_BYTES, len(self.data) - start)
        if length <= 0:
            return None
        frame = self.sent, bytes(self.data[start : start + length])
        self.sent += length
        return frame

    def confirm(self, offset: int) -> None:
        """What is confirmed was sent; a server that says otherwise is not believed."""
        if self.confirmed < offset <= self.sent:
            del self.data[: offset - self.confirmed]
            self.confirmed = offset

    def resume(self, offset: int) -> None:
        """A new connection has this client's bytes up to `offset`: what comes after goes out again."""
        if self.confirmed <= offset <= self.end:
            self.sent = max(self.sent, offset)
            self.confirm(offset)
        else:  # the server counts otherwise (it is a first connection, or it has forgotten us): its count holds
            self.confirmed = offset
        self.sent = self.confirmed

    def drop_unsent(self) -> int:
        """Forgets what has not gone out; says how many bytes that were."""
        dropped = self.unsent_bytes
        del self.data[self.sent - self.confirmed :]
        return dropped

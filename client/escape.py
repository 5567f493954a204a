"""The way out by keyboard, as ssh has it: `~.` after Enter leaves, `~~` types one tilde. Pure."""

from __future__ import annotations

from typing import Final

ENTER: Final = b"\r\n"
TILDE: Final = b"~"
LEAVE: Final = b"."


class Escape:
    """Reads along with what is typed; it may begin right away, as if after Enter."""

    def __init__(self) -> None:
        self.after_enter = True
        self.after_tilde = False
        self.leaves = False

    def feed(self, data: bytes) -> bytes:
        """What of it is for the program. Once `leaves` is true, the rest is for nobody."""
        passed = bytearray()
        for number in data:
            byte = bytes((number,))
            if self.after_tilde:
                self.after_tilde = False
                if byte == LEAVE:
                    self.leaves = True
                    break
                passed += TILDE if byte == TILDE else TILDE + byte
            elif self.after_enter and byte == TILDE:
                self.after_tilde = True
                continue
            else:
                passed += byte
            self.after_enter = byte in ENTER
        return bytes(passed)

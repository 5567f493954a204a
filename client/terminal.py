"""The user's terminal: raw while a console is shown in it, and again as it was, however that ends.

Any of the three standard streams may be something else: a pipe, a file, nothing.
"""

from __future__ import annotations

import os
import re
import termios
import tty
from types import TracebackType
from typing import Any, Final, Self

from client.protocol import EXTENT_MAX

STDIN, STDOUT, STDERR = range(3)
TAIL_BYTES: Final = 64  # an escape sequence may come in two pieces
SCREEN_SWITCH: Final = re.compile(rb"\x1b(?:\[\?([0-9;]{1,40})([hl])|c)")
ALTERNATE: Final = {b"47", b"1047", b"1049"}
LEAVE_ALTERNATE: Final = b"\x1b[?1049l"
# CAN ends a sequence that was cut off; then, of all that a program may have switched, what would be in the way.
# The margins' reset moves the cursor, which is therefore kept around it.
CLEAN: Final = (
    b"\x18"
    b"\x1b[?2026l"  # synchronized output
    b"\x1b[?1000;1002;1003;1004;1005;1006;1015l"  # mouse, focus
    b"\x1b[?2004l"  # bracketed paste
    b"\x1b[?1l\x1b>"  # cursor keys and keypad as they are
    b"\x1b7\x1b[r\x1b8"  # margins
    b"\x1b[4l\x1b[?7h\x1b(B\x0f\x1b[0m\x1b[?25h"  # insert, wrap, characters, colours, cursor
)


class AlternateScreen:
    """Whether the program is in it: leaving it without having been there would move the cursor."""

    def __init__(self) -> None:
        self.on = False
        self.tail = b""

    def watch(self, data: bytes) -> None:
        text = self.tail + data
        done = 0
        for switch in SCREEN_SWITCH.finditer(text):
            done = switch.end()
            if switch[1] is None:
                self.on = False
            elif ALTERNATE & set(switch[1].split(b";")):
                self.on = switch[2] == b"h"
        self.tail = text[max(done, len(text) - TAIL_BYTES) :]


class Terminal:
    """A context manager: raw inside."""

    def __init__(self) -> None:
        self.types = os.isatty(STDIN)
        self.shows = os.isatty(STDOUT)
        self.screen = AlternateScreen()
        self.before: list[Any] | None = None

    def __enter__(self) -> Self:
        self.make_raw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()

    def make_raw(self) -> None:
        if self.types and self.before is None:
            self.before = termios.tcgetattr(STDIN)
            tty.setraw(STDIN, termios.TCSANOW)

    def restore(self) -> None:
        """Never waits and never fails: the terminal may be gone, or nobody may read it."""
        if self.shows:
            write_what_fits(STDOUT, (LEAVE_ALTERNATE if self.screen.on else b"") + CLEAN)
            self.screen.on = False
        if self.before is not None:
            try:
                termios.tcsetattr(STDIN, termios.TCSANOW, self.before)
            except termios.error:
                return  # it has hung up
            finally:
                self.before = None

    def size(self) -> tuple[int, int] | None:
        """Rows and columns; None where there is no terminal, or it does not know."""
        for stream in (STDOUT, STDIN, STDERR):
            try:
                columns, rows = os.get_terminal_size(stream)
            except OSError:
                continue
            if rows and columns:
                return min(rows, EXTENT_MAX), min(columns, EXTENT_MAX)
        return None


def write_what_fits(stream: int, data: bytes) -> None:
    """Without waiting for a reader."""
    try:
        blocks = os.get_blocking(stream)
        os.set_blocking(stream, False)
    except OSError:
        return
    try:
        os.write(stream, data)
    except OSError:
        return
    finally:
        os.set_blocking(stream, blocks)

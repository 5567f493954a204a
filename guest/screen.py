"""The terminal as a prompt wants it, whatever the program before has done to it. Used by repl.py and ipython.py."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from typing import Any

TERM = "xterm-256color"  # what the browser's terminal is
# Colours, keypad, cursor keys, mouse and pasting as at the start; the cursor seen; the program's other screen left.
AS_AT_THE_START = b"\x1b[0m\x1b>\x1b[?1l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1047l"


class Screen:
    def __init__(self) -> None:
        self.attributes = attributes()

    def mend(self) -> None:
        """Before a prompt. Does nothing after programs that left everything as it was."""
        with contextlib.suppress(OSError):
            if not (os.get_blocking(0) and os.get_blocking(1)):
                os.set_blocking(0, True)
                os.set_blocking(1, True)
        if self.attributes is None:
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})  # or asking for the terminal stops us
        try:
            with contextlib.suppress(OSError, termios.error):
                if os.tcgetpgrp(0) != os.getpgrp():
                    os.tcsetpgrp(0, os.getpgrp())
                if attributes() != self.attributes:
                    termios.tcsetattr(0, termios.TCSANOW, self.attributes)
                    os.write(1, AS_AT_THE_START)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def attributes() -> list[Any] | None:
    try:
        return list(termios.tcgetattr(0))
    except termios.error:
        return None

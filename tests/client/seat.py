"""The client as a person has it: in a terminal of its own, or with pipes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import Any, Self

from tests.cgirunner.whole_site import CHECKOUT

PATIENCE_SECONDS = 30.0
# Where a terminal that is left clean has no mark of the program: how the last of each switch was set.
SWITCHES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


def command(url: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "client", url, *arguments]


def environ(token: str = "") -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "IVLE_TOKEN": token, "TERM": "xterm-256color", "PYTHONWARNINGS": "error"}


def in_pipes(url: str, *arguments: str, token: str = "", typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """To its end, without any terminal."""
    return subprocess.run(
        command(url, *arguments),
        cwd=CHECKOUT,
        env=environ(token),
        input=typed,
        capture_output=True,
        timeout=40,
        start_new_session=True,
    )


def with_pipes(url: str, *arguments: str, token: str = "") -> subprocess.Popen[bytes]:
    """Without any terminal, to be talked to."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command(url, *arguments), cwd=CHECKOUT, env=environ(token), stdin=pipe, stdout=pipe, stderr=pipe
    )


class Seat:
    """A pseudo-terminal with the client in it."""

    def __init__(
        self,
        url: str,
        *arguments: str,
        token: str = "",
        rows: int = 24,
        columns: int = 80,
        program: tuple[str, ...] = ("-m", "client"),
    ) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.done = 0
        self.process = subprocess.Popen(
            [sys.executable, *program, url, *arguments],
            cwd=CHECKOUT,
            env=environ(token),
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)
        for descriptor in (self.master, self.slave):
            if descriptor is not None:
                os.close(descriptor)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def read(self, seconds: float) -> bool:
        """Whether something came."""
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        data = os.read(self.master, 65536)
        self.seen += data
        return bool(data)

    def until(self, pattern: bytes) -> re.Match[bytes]:
        """Until it shows that, after what was waited for before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := re.compile(pattern).search(self.seen, self.done)):
            came = self.read(deadline - time.monotonic())
            assert came, f"{pattern!r} never came; what came: {self.seen[self.done :]!r}"
        self.done = found.end()
        return found

    def end(self) -> int:
        """Its exit status; all that it showed is read."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end; it showed {self.seen[-2000:]!r}"
            self.read(0.05)
        while self.read(0):
            pass
        return self.process.returncode

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    @property
    def last_line(self) -> str:
        return self.seen.decode().rstrip().splitlines()[-1]

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def is_clean(self) -> bool:
        """Cooked as before; cursor shown; no alternate screen, mouse or bracketed paste."""
        state: dict[bytes, Any] = {}
        for modes, how in SWITCHES.findall(self.seen):
            for mode in modes.split(b";"):
                state[mode] = how
        switched = {mode for mode, how in state.items() if how == b"h"} - {b"25", b"7"}
        return termios.tcgetattr(self.slave) == self.before and not switched and state.get(b"25") == b"h"

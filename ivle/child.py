"""One child process of `up`, through all its lives. steward.py decides when it lives."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from ivle.priority import prefer

PR_SET_PDEATHSIG: Final = 1  # prctl(2)
libc: Final = ctypes.CDLL(None)


@dataclass
class Life:
    process: subprocess.Popen[bytes]
    stdout: IO[bytes]
    started: float = field(default_factory=time.monotonic)
    ready_since: float | None = None
    unfinished_line: bytes = b""

    def lines(self) -> list[str] | None:
        """What it printed since the last call; None when it will print no more."""
        chunk = self.stdout.read()
        if chunk == b"":
            return None
        *lines, self.unfinished_line = (self.unfinished_line + (chunk or b"")).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def ready_seconds(self) -> float:
        return time.monotonic() - self.ready_since if self.ready_since is not None else 0.0


@dataclass
class Child:
    """A program that prints `ready` on its stdout once it serves."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    directory: Path
    fds: Sequence[int] = ()
    overlaps: bool = False  # a new one may begin while the old one ends, so that there always is one
    stop_seconds: float | None = None  # after SIGTERM, before SIGKILL; None: the steward's
    life: Life | None = None
    ever_ready: bool = False
    left: bool = False  # it is not started any more
    deaths: int = 0  # in a row
    due: float | None = 0.0  # when to start it (time.monotonic)

    def start(self) -> Life:
        steward = os.getpid()

        def die_with_steward() -> None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != steward:  # it died before the line above
                os._exit(1)

        process = subprocess.Popen(
            self.command,
            env=self.environ,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            bufsize=0,
            pass_fds=self.fds,
            start_new_session=True,  # Ctrl-C reaches `up` alone, which ends us in order; and no terminal to take over
            preexec_fn=die_with_steward,  # safe: `up` has one thread
        )
        if process.stdout is None:
            raise AssertionError("stdout is a pipe")
        os.set_blocking(process.stdout.fileno(), False)
        prefer(process.pid)
        self.due = None
        self.life = Life(process, process.stdout)
        return self.life

    def end(self) -> None:
        if self.life is not None:
            self.life.process.terminate()

    def settled(self) -> bool:
        """It serves, or it never will."""
        return self.left or (self.life is not None and self.life.ready_since is not None)

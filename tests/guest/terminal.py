"""A terminal to type into, and what a guest shows on it. For the tests of guests, outside of any jail."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.guest.nursery import CHECKOUT

PATIENCE_SECONDS = 20.0
RUNTIME = Path(os.environ.get("IVLE_RUNTIME") or CHECKOUT / ".runtime")
IMPORTABLE = CHECKOUT / "guest" / "importable"
ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])")


@dataclass(frozen=True)
class Shown:
    """What came through the display channel."""

    mime: str
    title: str
    content: bytes


class Nursery:
    """A warm interpreter with one guest, to fork from."""

    def __init__(self, entry: str, *options: str) -> None:
        self.entry = entry
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [RUNTIME / "bin" / "python", *options, "-m", "tests.guest.nursery", entry, str(theirs.fileno())],
            cwd=CHECKOUT,
            env={
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "PYTHONUTF8": "1",
                "HOME": "/nonexistent",
                "PYTHONPATH": str(IMPORTABLE),
            },
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        ours.settimeout(PATIENCE_SECONDS)
        self.socket, self.answers = ours, ours.makefile()
        self.statuses: dict[int, int] = {}
        self.state = self.hear()

    def hear(self) -> dict[str, int]:
        answer = json.loads(self.answers.readline())
        if "status" in answer:
            self.statuses[answer["pid"]] = answer["status"]
        return answer

    def fork(self, request: dict[str, Any]) -> int:
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = self.hear()
            if "status" not in answer:
                return answer["pid"]

    def status_of(self, pid: int) -> int:
        while pid not in self.statuses:
            self.hear()
        return self.statuses[pid]

    def close(self) -> None:
        self.socket.close()
        self.answers.close()
        self.process.wait(PATIENCE_SECONDS)


class Console:
    """One guest on one terminal."""

    def __init__(
        self,
        nursery: Nursery,
        home: Path,
        *arguments: str,
        directory: Path | None = None,
        environ: dict[str, str] | None = None,
        parks: bool = False,
        displays: bool = True,
        size: tuple[int, int] = (24, 80),
    ) -> None:
        self.nursery = nursery
        self.content = b""
        self.messages = b""
        self.read_to = 0
        channel = home / ".display"
        self.displays = -1
        if displays:
            if not channel.exists():
                os.mkfifo(channel)
            self.displays = os.open(channel, os.O_RDWR | os.O_NONBLOCK)
        self.master, slave = pty.openpty()
        self.resize(*size)
        self.settings = termios.tcgetattr(slave)
        request = {
            "terminal": os.ttyname(slave),
            "argv": list(arguments),
            "directory": str(directory or home),
            "environ": {
                "HOME": str(home),
                "TERM": "xterm-256color",
                "MPLBACKEND": "module://ivle_display",
                "MPLCONFIGDIR": str(home / ".matplotlib"),
                "PYTHONPATH": str(IMPORTABLE),
                "PATH": f"{RUNTIME}/bin:/usr/bin:/bin",
                "IVLE_DISPLAY": str(channel),
                **(environ or {}),
            },
            "parks": parks,
        }
        self.began = time.perf_counter()
        self.pid = nursery.fork(request)
        if parks:
            self.wait_for("PARKED")
            self.began = time.perf_counter()
            self.type("\r")
        self.slave = slave

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str | bytes) -> None:
        rest = text.encode() if isinstance(text, str) else text
        while rest:
            _, writable, _ = select.select([], [self.master], [], PATIENCE_SECONDS)
            assert writable, "the terminal takes no more"
            rest = rest[os.write(self.master, rest[:1024]) :]
            self.pump(0)

    def pump(self, seconds: float) -> bool:
        """Take what there is; whether anything came."""
        watched = [self.master] + ([self.displays] if self.displays >= 0 else [])
        ready, _, _ = select.select(watched, [], [], seconds)
        if self.displays in ready:
            self.messages += os.read(self.displays, 1 << 20)
        if self.master in ready:
            with contextlib.suppress(OSError):
                self.content += os.read(self.master, 1 << 16)
        return bool(ready)

    def settle(self, seconds: float = 0.3) -> None:
        """Until nothing has come for a while: for what shows nothing when it is ready."""
        while self.pump(seconds):
            pass

    @property
    def text(self) -> str:
        """All of it, without what only moves and colours."""
        return ESCAPES.sub(b"", self.content).replace(b"\r", b"").decode(errors="replace")

    def wait_for(self, wanted: str, seconds: float = PATIENCE_SECONDS) -> str:
        """The text up to `wanted`, from where the last call left off."""
        end = time.monotonic() + seconds
        while True:
            text = self.text
            found = text.find(wanted, self.read_to)
            if found >= 0:
                passed, self.read_to = text[self.read_to : found], found + len(wanted)
                return passed
            remaining = end - time.monotonic()
            assert remaining > 0, f"{wanted!r} never came, but: {text[self.read_to :]!r}"
            self.pump(remaining)

    def ask(self, line: str, prompt: str = ">>> ") -> str:
        """What a line makes appear, up to the next prompt, without the line itself."""
        self.type(line + "\r")
        return self.wait_for(prompt).partition("\n")[2]

    def shown(self) -> Shown:
        """The next message of the display channel."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(self.messages) < 4 or len(self.messages) < 4 + int.from_bytes(self.messages[:4], "big"):
            assert time.monotonic() < end, f"nothing was shown; the terminal says {self.text!r}"
            self.pump(0.1)
        length = int.from_bytes(self.messages[:4], "big")
        message, self.messages = self.messages[4 : 4 + length], self.messages[4 + length :]
        line, _, content = message.partition(b"\n")
        header = json.loads(line)
        assert header["bytes"] == len(content)
        return Shown(header["mime"], header["title"], content)

    def status(self) -> int:
        """When it has ended. Keeps reading meanwhile, as a terminal does."""
        while self.pid not in self.nursery.statuses:
            ready, _, _ = select.select([self.nursery.socket, self.master], [], [], PATIENCE_SECONDS)
            assert ready, f"it does not end: {self.text[-500:]!r}"
            if self.master in ready:
                self.pump(0)
            if self.nursery.socket in ready:
                self.nursery.hear()
        with contextlib.suppress(OSError):
            while select.select([self.master], [], [], 0.05)[0] and (piece := os.read(self.master, 1 << 16)):
                self.content += piece
        return self.nursery.statuses[self.pid]

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.pid not in self.nursery.statuses:
                os.kill(self.pid, 9)
        self.nursery.status_of(self.pid)
        for descriptor in (self.master, self.slave, self.displays):
            if descriptor >= 0:
                os.close(descriptor)

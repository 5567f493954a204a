"""A stand-in for a jail: its init is a process that only waits, and the test says what init would say."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess

from sandbox import wire
from sandbox.cell import Cell
from sandbox.cgroups import Cgroups
from sandbox.limits import CGI
from sandbox.meter import Tier

PATIENCE_SECONDS = 30.0  # only a test that fails meets it


class FakeJail:
    """`cell` is the supervisor's end of it."""

    def __init__(self) -> None:
        self.init = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
        self.cell = Cell(CGI, Tier.SAMPLING, Cgroups())
        self.control = socket.socket(fileno=os.dup(self.cell.inner_control.fileno()))
        self.dead = asyncio.Event()
        self.cell.watchers.append(self.on_change)

    def on_change(self, cell: Cell) -> None:
        if cell.is_dead:
            self.dead.set()

    def be_born(self) -> None:
        self.cell.born(os.pidfd_open(self.init.pid))

    def say(self, kind: str, text: str = "") -> None:
        wire.say(self.control, kind, text)

    async def was_killed(self) -> bool:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.dead.wait()
        return self.init.wait(PATIENCE_SECONDS) == -signal.SIGKILL

    def end(self) -> None:
        self.init.kill()
        self.init.communicate()
        self.cell.bury()
        self.control.close()

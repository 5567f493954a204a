"""A stand-in for a jail: its holder is a process that only waits, and the test says what student and zygote would."""

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
        self.holder = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
        self.cell = Cell(CGI, Tier.SAMPLING, Cgroups())
        self.orders = socket.socket(fileno=os.dup(self.cell.inner_orders.fileno()))
        self.done = -1
        self.dead = asyncio.Event()
        self.cell.watchers.append(self.on_change)

    def on_change(self, cell: Cell) -> None:
        if cell.is_dead:
            self.dead.set()

    def be_born(self) -> None:
        student = os.pidfd_open(self.holder.pid)
        reading, self.done = os.pipe()
        self.cell.born(os.pidfd_open(self.holder.pid), student, reading)

    def say(self, kind: str, text: str = "") -> None:
        wire.say(self.orders, kind, text)

    async def was_killed(self) -> bool:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.dead.wait()
        return self.holder.wait(PATIENCE_SECONDS) == -signal.SIGKILL

    def end(self) -> None:
        self.holder.kill()
        self.holder.communicate()
        self.cell.bury()
        self.orders.close()
        if self.done >= 0:
            os.close(self.done)

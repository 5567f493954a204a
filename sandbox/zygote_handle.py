"""The supervisor's end of one zygote: starts it, asks it for jails, hears what became of them. Kept by nursery.py."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from sandbox import wire
from sandbox.cell import Cell
from sandbox.launcher import Launch, Refusal
from sandbox.meter import Tier
from sandbox.plan import KIND_BYTES, NUMBER_BYTES, Plan

FORKS_BEFORE_RETIRING = 20_000
AGE_BEFORE_RETIRING_SECONDS = 3600.0  # all children of one zygote share its hash seed and address layout
FREE_NETWORKS_MAX = 64
ENDING_SECONDS = 5.0  # then it is ended

text_of = lru_cache(maxsize=64)(Plan.as_text)


class ZygoteHandle:
    """The supervisor's end of one zygote."""

    def __init__(self, launch: Launch, on_change: Callable[[ZygoteHandle], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.on_change = on_change
        self.born = self.loop.time()
        self.is_ready = False
        self.is_dead = False
        self.is_retired = False
        self.is_late = False  # never became ready
        self.refusal: Refusal | None = None
        self.forks = 0
        self.cells: dict[int, Cell] = {}  # by number
        self.free_networks: list[int] = []
        self.new_networks = itertools.count()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(self.control.close)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.launcher", str(theirs.fileno()), launch.as_text()],
                cwd=Path(__file__).resolve().parent.parent,
                stdin=subprocess.DEVNULL,
                env={},
                pass_fds=(theirs.fileno(),),
            )
            undo.pop_all()
        self.control.setblocking(False)
        self.loop.add_reader(self.control, self.on_readable)

    def fork(self, cell: Cell, *, rehearses: bool) -> None:
        self.forks += 1
        cell.number = self.forks
        cell.network = self.free_networks.pop() if self.free_networks else next(self.new_networks)
        cgroups = cell.cgroups
        doors = [*(cell.group.doors if cell.group else []), *([] if cgroups.waiting is None else [cgroups.waiting])]
        plan = Plan(
            limits=cell.limits,
            counts_cpu=cell.tier is Tier.PERF,
            has_memory_cgroup=cgroups.counts_memory,
            has_pids_cgroup=cgroups.counts_processes,
            has_terminal=cell.has_terminal,
            rehearses=rehearses,
        )
        self.say("fork", f"{cell.number} {cell.network} {text_of(plan)}", [cell.inner_orders.fileno(), *doors])
        self.cells[cell.number] = cell
        cell.bring_home = self.bring_home
        cell.watchers.append(self.forget)

    def bring_home(self, cell: Cell, owner: str) -> None:
        """Raises OSError when the zygote is gone."""
        self.say("home", f"{cell.number:<{NUMBER_BYTES}}{owner}")

    def say(self, kind: str, text: str, descriptors: Sequence[int] = ()) -> None:
        wire.post(self.control, f"{kind:<{KIND_BYTES}}{text}".encode(), descriptors)

    def forget(self, cell: Cell) -> None:
        if cell.is_dead and cell.number in self.cells:
            del self.cells[cell.number]
            self.take_back_network(cell)
            self.end_if_retired()

    def take_back_network(self, cell: Cell) -> None:
        if cell.network_is_clean and len(self.free_networks) < FREE_NETWORKS_MAX:
            self.free_networks.append(cell.network)
        elif not self.is_dead:
            with contextlib.suppress(OSError):
                self.say("forget", str(cell.network))

    def on_readable(self) -> None:
        try:
            kind, text, descriptors = wire.hear(self.control)
        except OSError:
            kind, text, descriptors = "", "", []
        if kind:
            MESSAGES[kind](self, text, descriptors)
        else:
            self.die()

    def on_ready(self, text: str, descriptors: list[int]) -> None:
        self.is_ready = True
        self.on_change(self)

    def on_refused(self, text: str, descriptors: list[int]) -> None:
        self.refusal = Refusal.from_text(text)

    def on_forked(self, text: str, descriptors: list[int]) -> None:
        self.cells[int(text)].born(*descriptors)

    def on_unforked(self, text: str, descriptors: list[int]) -> None:
        number, _, reason = text.partition(" ")
        cell = self.cells[int(number)]
        cell.fail(f"no jail could be forked: {reason}")
        cell.bury()

    def on_exited(self, text: str, descriptors: list[int]) -> None:
        number, _, status = text.partition(" ")
        cell = self.cells.get(int(number))
        if cell is not None:
            cell.on_exited(int(status))

    def on_broken(self, text: str, descriptors: list[int]) -> None:
        number, _, reason = text.partition(" ")
        cell = self.cells.get(int(number))
        if cell is not None:
            cell.on_broken(reason, [])

    def is_old(self) -> bool:
        return self.forks >= FORKS_BEFORE_RETIRING or self.loop.time() - self.born > AGE_BEFORE_RETIRING_SECONDS

    def retire(self) -> None:
        self.is_retired = True
        self.end_if_retired()

    def end_if_retired(self) -> None:
        if self.is_retired and not self.cells and not self.is_dead:
            self.die()

    def die(self) -> None:
        """It ends when its socket closes, and is ended where it does not; the kernel ends its jails, which then tell by
        their pidfds."""
        if self.is_dead:
            return
        self.is_dead = True
        self.loop.remove_reader(self.control)
        self.control.close()
        if not self.is_ready:
            self.kill()  # it may hang in what a package does when Python starts, and nobody runs in it
        for cell in list(self.cells.values()):
            if cell.pidfd is None:
                cell.bury()
        threading.Thread(target=self.wait, daemon=True).start()
        self.on_change(self)

    def kill(self) -> None:
        zygote = zygote_pid(self)
        with contextlib.suppress(OSError):
            if zygote is not None:
                os.kill(zygote, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def wait(self) -> None:
        """Until a dead one has ended."""
        try:
            self.process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING_SECONDS)


MESSAGES = {
    "ready": ZygoteHandle.on_ready,
    "refused": ZygoteHandle.on_refused,
    "forked": ZygoteHandle.on_forked,
    "unforked": ZygoteHandle.on_unforked,
    "exited": ZygoteHandle.on_exited,
    "broken": ZygoteHandle.on_broken,
}


def zygote_pid(zygote: ZygoteHandle) -> int | None:
    """The launcher's only child, as this process sees it."""
    try:
        with open(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])
    except (OSError, IndexError):
        return None

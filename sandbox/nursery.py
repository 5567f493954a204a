"""Keeps a zygote alive and jails parked. Asked by supervisor.py for a cell; never for how it is doing.

A zygote that dies is replaced after a pause that doubles while it keeps dying. One that has forked long enough is
retired: its successor is started beside it, and it ends with its last jail.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial

from sandbox.cell import PARKING_SECONDS, Cell
from sandbox.cgroups import Cgroups
from sandbox.faults import SandboxError, SandboxUnavailable
from sandbox.launcher import Launch, Refusal
from sandbox.limits import Limits
from sandbox.meter import Tier
from sandbox.pool import Pool
from sandbox.zygote_handle import ZygoteHandle

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 30.0
HEALTHY_AFTER_SECONDS = 10.0
FAILURES_BEFORE_GIVING_UP = 3  # then whoever waits is told; the attempts go on
REFILL_PAUSE_SECONDS = 0.02
ENDING_SECONDS = 5.0


class Nursery:
    """`explain` turns a refused step into words."""

    def __init__(
        self,
        launch: Launch,
        tier: Tier,
        cgroups: Cgroups,
        pools: Sequence[Pool],
        explain: Callable[[Refusal], str],
    ) -> None:
        self.launch = launch
        self.tier = tier
        self.cgroups = cgroups
        self.pools = pools  # the first is filled first
        self.explain = explain
        self.loop = asyncio.get_running_loop()
        self.zygote: ZygoteHandle | None = None
        self.successor: ZygoteHandle | None = None
        self.refusal: str | None = None
        self.failures = 0  # in a row, without a word why
        self.is_closed = False
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self.start_timer: asyncio.TimerHandle | None = None
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.is_parking = False
        self.spare_pause_seconds = FIRST_PAUSE_SECONDS  # after one that could not be made
        self.refill_timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Raises SandboxUnavailable when this machine cannot isolate, SandboxError when it should and does not."""
        self.start_zygote()
        await self.ready

    def start_zygote(self) -> None:
        self.start_timer = None
        if self.is_closed or self.successor is not None:
            return
        try:
            self.successor = ZygoteHandle(self.launch, self.on_zygote)
        except OSError as error:
            print(f"no interpreter for students can be started at the moment: {error}", file=sys.stderr)
            self.start_later()

    def start_later(self) -> None:
        if self.start_timer is not None:
            self.start_timer.cancel()
        self.start_timer = self.loop.call_later(self.pause_seconds, self.start_zygote)
        self.pause_seconds = min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def on_zygote(self, zygote: ZygoteHandle) -> None:
        if self.is_closed:
            return
        if zygote is self.successor:
            self.successor = None
            if zygote.is_ready and not zygote.is_dead:
                self.install(zygote)
                return
            self.note_failure(zygote)
        elif zygote is self.zygote and zygote.is_dead:
            self.zygote = None
            self.ready = self.loop.create_future()
            healthy = self.loop.time() - zygote.born > HEALTHY_AFTER_SECONDS
            self.pause_seconds = FIRST_PAUSE_SECONDS if healthy else self.pause_seconds
        else:
            return
        self.start_later()

    def install(self, zygote: ZygoteHandle) -> None:
        old, self.zygote, self.refusal, self.failures = self.zygote, zygote, None, 0
        self.drop_spares()
        if old is not None:
            old.retire()
        if self.ready.done():  # with what went wrong before
            self.ready = self.loop.create_future()
        self.ready.set_result(None)
        self.refill()

    def note_failure(self, zygote: ZygoteHandle) -> None:
        if zygote.refusal is None:
            self.failures += 1
            if self.failures == 1:
                print("the students' interpreter ended while it was being prepared; trying again", file=sys.stderr)
            if self.failures == FAILURES_BEFORE_GIVING_UP and not self.ready.done():
                self.ready.set_exception(SandboxError("the students' interpreter cannot be started"))
                self.ready.exception()
            return
        self.refusal = self.explain(zygote.refusal)
        if not self.ready.done():
            self.ready.set_exception(SandboxUnavailable(self.refusal))
            self.ready.exception()

    def spare(self, limits: Limits, *, has_terminal: bool = False, follows: bool = True) -> Cell | None:
        """A parked jail with these limits, if there is one. Later spares will have these limits too, with `follows`."""
        for pool in self.pools:
            if pool.has_terminal == has_terminal:
                return pool.take(limits, follows=follows)
        return None

    def drop_spares(self) -> None:
        for pool in self.pools:
            pool.drop()

    async def new_cell(self, limits: Limits, *, has_terminal: bool = False) -> Cell:
        """A jail made for this run. Raises SandboxError."""
        if self.refusal:
            raise SandboxUnavailable(self.refusal)
        try:
            await asyncio.wait_for(asyncio.shield(self.ready), PARKING_SECONDS)
        except TimeoutError as error:
            raise SandboxError("the students' interpreter is not ready yet") from error
        return await self.fork(limits, has_terminal=has_terminal, rehearses=False)

    def fork(self, limits: Limits, *, has_terminal: bool, rehearses: bool) -> asyncio.Future[Cell]:
        if self.zygote is None:
            raise SandboxError("the students' interpreter is being restarted")
        try:
            cell = Cell(limits, self.tier, self.cgroups, has_terminal=has_terminal)
        except OSError as error:
            raise SandboxError(f"no jail could be made: {error}") from error
        try:
            self.zygote.fork(cell, rehearses=rehearses)
        except OSError as error:
            cell.bury()
            raise SandboxError(f"the students' interpreter does not answer: {error}") from error
        if self.zygote.is_old() and self.successor is None and self.start_timer is None:
            self.start_zygote()
        return cell.parked

    def refill_soon(self, pause_seconds: float = REFILL_PAUSE_SECONDS) -> None:
        """Not at once: a run that has just begun comes first."""
        if self.refill_timer is None and not self.is_closed:
            self.refill_timer = self.loop.call_later(pause_seconds, self.refill)

    def refill(self) -> None:
        """One at a time; each that is parked asks for the next."""
        self.refill_timer = None
        pool = next((pool for pool in self.pools if not pool.is_full), None)
        if pool is None or self.is_parking or self.zygote is None or self.is_closed:
            return
        try:
            parked = self.fork(pool.limits, has_terminal=pool.has_terminal, rehearses=True)
        except SandboxError as fault:
            self.refill_later(fault)
            return
        self.is_parking = True
        parked.add_done_callback(partial(self.on_spare, pool))

    def on_spare(self, pool: Pool, parked: asyncio.Future[Cell]) -> None:
        self.is_parking = False
        if fault := parked.exception():
            self.refill_later(fault)
            return
        self.spare_pause_seconds = FIRST_PAUSE_SECONDS
        pool.add(parked.result())
        self.refill()

    def refill_later(self, fault: BaseException) -> None:
        if self.spare_pause_seconds == FIRST_PAUSE_SECONDS:
            print(f"no jail can be kept ready at the moment: {fault}", file=sys.stderr)
        self.refill_soon(self.spare_pause_seconds)
        self.spare_pause_seconds = min(2 * self.spare_pause_seconds, LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        self.is_closed = True
        for zygote in (self.zygote, self.successor):
            if zygote is not None:
                zygote.die()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    zygote.process.wait(ENDING_SECONDS)

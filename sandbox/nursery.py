"""Keeps a zygote alive and jails parked. Asked by supervisor.py for a cell; never for how it is doing.

A zygote that dies is replaced after a pause that doubles while it keeps dying; one that is not ready in time is ended,
and replaced as well. One that has forked long enough is retired: its successor is started beside it, and it ends with
its last jail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from sandbox import saying
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
FAILURES_BEFORE_STANDING_IN = 2  # of one state of an environment; then another is tried, where there is one
BOOT_SECONDS = 20.0  # a loaded machine takes 3; longer takes what hangs when Python starts
PATIENCE_ALONE = 2.5  # times that, with a state that none can stand in for
MOST_PATIENCE = 9  # times that
RENEWING_SECONDS = 200.0  # longer than the most patience: whoever waits hears what has become of it
REFILL_PAUSE_SECONDS = 0.02


class Nursery:
    """`explain` turns a refused step into words. `states` are the folders that the students' Python may be in, asked
    for each zygote anew: the first is what it should be, the others stand in for one that does not start."""

    def __init__(
        self,
        launch: Launch,
        tier: Tier,
        cgroups: Cgroups,
        pools: Sequence[Pool],
        explain: Callable[[Refusal], str],
        states: Callable[[], Sequence[Path]] = tuple,
    ) -> None:
        self.launch = launch
        self.states = states
        self.tier = tier
        self.cgroups = cgroups
        self.pools = pools  # the first is filled first
        self.explain = explain
        self.loop = asyncio.get_running_loop()
        self.zygote: ZygoteHandle | None = None
        self.successor: ZygoteHandle | None = None
        self.refusal: str | None = None
        self.failures = 0  # in a row, without a word why
        self.deaths = 0  # of zygotes that nobody had asked to end, the unprepared too
        self.is_closed = False
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self.start_timer: asyncio.TimerHandle | None = None
        self.boot_timer: asyncio.TimerHandle | None = None
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.is_parking = False
        self.spare_pause_seconds = FIRST_PAUSE_SECONDS  # after one that could not be made
        self.refill_timer: asyncio.TimerHandle | None = None
        self.renewals: list[asyncio.Future[None]] = []  # who waits for the next zygote

    async def open(self) -> None:
        """Raises SandboxUnavailable when this machine cannot isolate, SandboxError when it should and does not."""
        self.start_zygote()
        await self.ready

    def start_zygote(self) -> None:
        self.start_timer = None
        if self.is_closed or self.successor is not None:
            return
        try:
            self.successor = ZygoteHandle(self.next_launch(), self.on_zygote)
        except OSError as error:
            saying.say(f"no interpreter for students can be started at the moment: {error}")
            self.start_later()
        else:
            self.wait_for(self.successor)

    def wait_for(self, zygote: ZygoteHandle) -> None:
        """Longer each time, as a machine may just be slow; and longest while there is another, as nobody waits."""
        first = PATIENCE_ALONE if len(self.states()) <= 1 else 1
        patience = MOST_PATIENCE if self.zygote is not None else min(first * (1 + self.failures), MOST_PATIENCE)
        if self.boot_timer is not None:
            self.boot_timer.cancel()
        self.boot_timer = self.loop.call_later(BOOT_SECONDS * patience, self.give_up, zygote)

    def give_up(self, zygote: ZygoteHandle) -> None:
        if zygote is self.successor:
            zygote.is_late = True
            zygote.die()

    def next_launch(self) -> Launch:
        states = self.states()
        if not states:
            return self.launch
        choice = min(self.failures // FAILURES_BEFORE_STANDING_IN, len(states) - 1)
        if choice and self.failures == choice * FAILURES_BEFORE_STANDING_IN:
            saying.say(f"{states[choice - 1]} does not start; going on with {states[choice]}")
        return replace(self.launch, runtime=str(states[choice]))

    async def renew(self) -> None:
        """A zygote of what its environment is now takes the place of the one there is, whose jails go on to their
        ends. Raises SandboxError where it does not start; the old one stays then."""
        self.failures = 0
        self.pause_seconds = FIRST_PAUSE_SECONDS
        renewed: asyncio.Future[None] = self.loop.create_future()
        self.renewals.append(renewed)
        stale, self.successor = self.successor, None
        if stale is not None:
            stale.die()
        if self.start_timer is not None:
            self.start_timer.cancel()
        self.start_zygote()
        try:
            await asyncio.wait_for(renewed, RENEWING_SECONDS)
        except TimeoutError as error:
            raise SandboxError("the students' interpreter is not ready yet") from error

    def settle_renewals(self, fault: SandboxError | None = None) -> None:
        for renewed in self.renewals:
            if not renewed.done():
                renewed.set_exception(fault) if fault else renewed.set_result(None)
        self.renewals.clear()

    @property
    def is_idle(self) -> bool:
        """Nobody runs in a jail of the zygote there is; one that is retired ends by itself."""
        return self.zygote is None or not any(cell.is_given for cell in self.zygote.cells.values())

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
            self.deaths += 1
            self.note_failure(zygote)
        elif zygote is self.zygote and zygote.is_dead:
            self.zygote = None
            self.deaths += 1
            self.ready = self.loop.create_future()
            healthy = self.loop.time() - zygote.born > HEALTHY_AFTER_SECONDS
            self.pause_seconds = FIRST_PAUSE_SECONDS if healthy else self.pause_seconds
            if self.successor is not None:
                self.wait_for(self.successor)  # which somebody may be doing now
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
        self.settle_renewals()
        self.refill()

    def note_failure(self, zygote: ZygoteHandle) -> None:
        refusal = zygote.refusal
        others = max(0, len(self.states()) - 1)
        has_stand_in = self.failures // FAILURES_BEFORE_STANDING_IN < others
        fault: SandboxError
        if refusal is None or (refusal.step == "runtime" and others):
            if not self.failures:
                what = "was not ready in time" if zygote.is_late else "ended while it was being prepared"
                saying.say(f"the students' interpreter {what}; trying again")
            self.failures += 1
            if zygote.is_late and has_stand_in and self.zygote is None:  # once is enough: somebody may be waiting
                self.failures += -self.failures % FAILURES_BEFORE_STANDING_IN
            fault = SandboxError("the students' interpreter cannot be started")
            gives_up = self.failures >= FAILURES_BEFORE_GIVING_UP + others * FAILURES_BEFORE_STANDING_IN
            if gives_up or zygote.is_late or (others and self.failures >= FAILURES_BEFORE_STANDING_IN):
                self.settle_renewals(fault)
        else:
            self.refusal = self.explain(refusal)
            fault, gives_up = SandboxUnavailable(self.refusal), True
            self.settle_renewals(fault)
        if gives_up and not self.ready.done():
            self.ready.set_exception(fault)
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
        if self.refusal and self.zygote is None:
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
        parked.add_done_callback(partial(self.on_spare, pool, self.zygote))

    def on_spare(self, pool: Pool, zygote: ZygoteHandle, parked: asyncio.Future[Cell]) -> None:
        self.is_parking = False
        if fault := parked.exception():
            self.refill_later(fault)
            return
        self.spare_pause_seconds = FIRST_PAUSE_SECONDS
        if zygote is self.zygote and not self.is_closed:
            pool.add(parked.result())
        else:  # of one that was replaced meanwhile, and that ends with its last jail
            parked.result().kill()
        self.refill()

    def refill_later(self, fault: BaseException) -> None:
        if self.spare_pause_seconds == FIRST_PAUSE_SECONDS:
            saying.say(f"no jail can be kept ready at the moment: {fault}")
        self.refill_soon(self.spare_pause_seconds)
        self.spare_pause_seconds = min(2 * self.spare_pause_seconds, LONGEST_PAUSE_SECONDS)

    def retire(self) -> None:
        """Nothing is started in it any more; what runs goes on to its end."""
        self.is_closed = True
        self.settle_renewals(SandboxError("the environment is gone"))
        self.drop_spares()
        if self.start_timer is not None:
            self.start_timer.cancel()
        if self.successor is not None:
            self.successor.die()
        if self.zygote is not None:
            self.zygote.retire()

    def close(self) -> None:
        self.is_closed = True
        self.settle_renewals(SandboxError("the supervisor ends"))
        if self.start_timer is not None:
            self.start_timer.cancel()
        for zygote in (self.zygote, self.successor):
            if zygote is not None:
                zygote.die()
                zygote.wait()

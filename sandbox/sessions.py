"""All consoles of this machine: opened, found, ended, restarted, and forgotten some time after they have ended.

Asked by console_calls.py. What a caller may do with a console is the caller's to know; here only form and number count.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.counts import Counts, Entry
from sandbox.displays import Budget
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused, SessionGone
from sandbox.gate import Gate
from sandbox.job import NOBODY
from sandbox.limits import Limits
from sandbox.nursery import Nursery
from sandbox.session import Session
from sandbox.session_info import Size
from sandbox.standing import with_reserve
from sandbox.watcher import Watcher

ENDED_KEPT_SECONDS = 600.0
ENDED_MAX, ENDED_MAX_OF_OWNER = 64, 8
RETRY_SECONDS = 30
ENDING_SECONDS = 10.0
LATE_SECONDS = 90.0  # an end that was announced and has not come for longer was called off


@dataclass(frozen=True)
class Start:
    """A job as far as it concerns the supervisor. `payload` is a descriptor, and whoever takes a Start closes it."""

    owner: str
    limits: Limits
    environment: str
    runtime: str
    payload: int
    has_home: bool = True
    job: str = ""

    @property
    def home(self) -> str:
        """Whose."""
        return self.owner if self.has_home else NOBODY


class Sessions:
    def __init__(
        self,
        nursery_for: Callable[[str, str, str], Nursery],
        gate: Gate,
        counts: Counts,
        most: int,
        most_of_owner: int,
    ) -> None:
        self.nursery_for = nursery_for
        self.gate = gate
        self.counts = counts
        self.most = most
        self.most_of_owner = most_of_owner
        self.loop = asyncio.get_running_loop()
        self.by_id: dict[str, Session] = {}
        self.ended: dict[Session, asyncio.TimerHandle] = {}  # in the order of their ends
        self.budget = Budget()
        self.numbers = itertools.count()
        self.end_at: float | None = None  # when the supervisor ends, by the loop's clock, once it is known

    @property
    def live_count(self) -> int:
        return len(self.by_id) - len(self.ended)

    def get(self, session_id: object) -> Session:
        """Raises SessionGone."""
        session = self.by_id.get(session_id) if isinstance(session_id, str) else None
        if session is None:
            raise SessionGone("there is no such console, or no longer")
        return session

    async def open(self, session_id: str, start: Start, size: Size, about: dict[str, Any]) -> Session:
        """Raises SandboxError."""
        try:
            if session_id in self.by_id:
                raise SandboxRefused("there is a console with this id already")
            self.check_room(start.owner)
            session = Session(
                next(self.numbers), session_id, start.owner, about, size, self.budget, self.counts, self.on_ended
            )
            self.by_id[session_id] = session
            try:
                await self.begin(session, start)
            except BaseException:
                self.forget(session)
                raise
            session.is_starting = False
            return session
        finally:
            os.close(start.payload)

    def check_room(self, owner: str) -> None:
        """Raises SandboxBusy."""
        try:
            self.check_numbers(owner)
        except SandboxBusy as busy:
            self.counts.refused(Entry.CONSOLE, owner, "", busy)
            raise

    def check_numbers(self, owner: str) -> None:
        """Raises SandboxBusy."""
        if self.live_count >= with_reserve(self.most, goes_first=self.gate.census.goes_first(owner)):
            text = f"{self.most} consoles are open on this machine, which is the most there may be; try again later."
            raise SandboxBusy(text, RETRY_SECONDS)
        own = [session for session in self.by_id.values() if session.owner == owner and session not in self.ended]
        if len(own) >= self.most_of_owner:
            text = f"{owner} has {len(own)} consoles open, which is the most there may be; close one first."
            raise SandboxBusy(text, RETRY_SECONDS)

    async def begin(self, session: Session, start: Start) -> None:
        """Raises SandboxError; the session has no program then."""
        asked = self.loop.time()
        session.job = start.job
        try:
            await self.begin_in_jail(session, start)
        except SandboxError as error:
            if not isinstance(error, SessionGone):
                self.counts.refused(Entry.CONSOLE, start.owner, start.job, error)
            raise
        self.counts.started(Entry.CONSOLE, self.loop.time() - asked)

    async def begin_in_jail(self, session: Session, start: Start) -> None:
        """Raises SandboxError."""
        nursery = self.nursery_for(start.home, start.environment, start.runtime)
        self.gate.check(start.owner, start.limits)
        if not self.gate.admission.admits(start.owner):
            await self.gate.admission.wait(start.owner)
            self.gate.check(start.owner, start.limits)  # while it waited its owner's others may have grown
        # Who has no home has limits of their own; the spares stay as they are for people who have one.
        cell = nursery.spare(start.limits, has_terminal=True, follows=start.has_home)
        if cell is None:
            cell = await nursery.new_cell(start.limits, has_terminal=True)
        if self.by_id.get(session.id) is not session:
            cell.kill()
            raise SessionGone("the console was closed while it was being started")
        nursery.refill_soon()
        try:
            self.gate.take_in(start.owner, cell)
            session.start(cell, start.home, start.payload)
        except OSError as error:
            cell.kill()
            raise SandboxError(f"the jail could not be entered: {error}") from error

    async def restart(self, session: Session, start: Start) -> None:
        """Raises SandboxError."""
        try:
            if start.owner != session.owner:
                raise SandboxRefused(f"the console belongs to {session.owner}")
            if session.is_starting:
                raise SandboxRefused("the console is being started")
            if session in self.ended:
                self.check_room(session.owner)
            session.is_starting = True
            await self.end_program(session)
            self.unretire(session)
            await self.begin(session, start)
        finally:
            os.close(start.payload)
            session.is_starting = False
            if session.program is None and session not in self.ended:
                self.on_ended(session)

    async def end_program(self, session: Session) -> None:
        session.stop()
        try:
            await asyncio.wait_for(session.over.wait(), ENDING_SECONDS)
        except TimeoutError as error:
            raise SandboxError("the program does not end") from error

    async def end(self, session: Session) -> None:
        """Raises SandboxError when its program, killed, is not dead soon."""
        await self.end_program(session)
        self.forget(session)

    def announce_end(self, seconds: float) -> int:
        """Tells all who watch, and those who come later. How many consoles have a program that runs?"""
        self.end_at = self.loop.time() + seconds
        for session in self.by_id.values():
            session.tell("ending", {"seconds": seconds})
        return self.live_count

    @property
    def is_end_announced(self) -> bool:
        return self.end_at is not None and self.loop.time() - self.end_at <= LATE_SECONDS

    def on_attached(self, watcher: Watcher) -> None:
        """An end that is past says nothing: the stop was called off, or kills at once."""
        if self.end_at is not None and (seconds := self.end_at - self.loop.time()) > 0:
            watcher.tell("ending", {"seconds": seconds})

    def on_ended(self, session: Session) -> None:
        if self.by_id.get(session.id) is not session:
            return
        self.ended[session] = self.loop.call_later(ENDED_KEPT_SECONDS, self.forget, session)
        for others, most in (
            ([other for other in self.ended if other.owner == session.owner], ENDED_MAX_OF_OWNER),
            (list(self.ended), ENDED_MAX),
        ):
            if len(others) > most:
                self.forget(others[0])

    def unretire(self, session: Session) -> None:
        timer = self.ended.pop(session, None)
        if timer is not None:
            timer.cancel()

    def forget(self, session: Session) -> None:
        self.unretire(session)
        if self.by_id.get(session.id) is session:
            del self.by_id[session.id]
        session.close()

    def close(self) -> None:
        for session in list(self.by_id.values()):
            session.stop()
            self.forget(session)

"""One connection to the supervisor: one job from being asked for to its outcome, or one question about consoles."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sandbox import console_calls, wire
from sandbox.cell import Cell
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused, SandboxUnavailable, SessionGone
from sandbox.job import NOBODY, is_owner_name
from sandbox.keeper import Keeper
from sandbox.limits import CGI, Limits
from sandbox.outcome import Ended, Outcome
from sandbox.turns import QueueFull

if TYPE_CHECKING:
    from sandbox.supervisor import Supervisor

JOB_DESCRIPTORS = 4


class Caller:
    """A caller that goes away ends its run. A console outlives whoever asked for it."""

    def __init__(self, connection: socket.socket, supervisor: Supervisor) -> None:
        self.connection = connection
        self.supervisor = supervisor
        self.descriptors: list[int] = []
        self.owner = ""
        self.has_home = True
        self.limits = CGI
        self.turns = supervisor.turns
        self.keeper: Keeper | None = None
        self.task: asyncio.Task[None] | None = None
        self.has_turn = False
        self.stopped: Ended | None = None
        self.is_asking = False  # something about consoles
        connection.setblocking(False)
        supervisor.loop.add_reader(connection, self.on_readable)

    def on_readable(self) -> None:
        try:
            message, descriptors = wire.receive(self.connection)
        except BlockingIOError:
            return
        except (wire.WireError, OSError):
            message, descriptors = None, []
        if message is None:
            self.leave()
            return
        handler = CALLER_MESSAGES.get(message["kind"])
        if handler is None:
            wire.close_all(descriptors)
            self.expel(f"unknown message {message['kind']!r}")
            return
        handler(self, message, descriptors)

    def on_run(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if self.owner or self.is_asking:
            wire.close_all(descriptors)
            self.expel("one connection runs one job")
            return
        self.descriptors = descriptors
        try:
            self.read_header(message)
            starts_now = self.turns.enter(self.owner, self)
        except SandboxRefused as refusal:
            self.refuse(refusal)
        except QueueFull as full:
            self.refuse(SandboxBusy("too many programs are waiting to run", full.retry_after_seconds))
        else:
            if starts_now:
                self.begin()

    def read_header(self, message: dict[str, Any]) -> None:
        owner = message.get("owner")
        if not is_owner_name(owner) or len(self.descriptors) != JOB_DESCRIPTORS:
            raise SandboxRefused("a job needs an owner and four descriptors")
        try:
            self.limits = Limits.from_message(message["limits"])
        except (KeyError, TypeError, ValueError) as error:
            raise SandboxRefused(f"the limits of the job are wrong: {error}") from error
        if message.get("service") is True:
            self.turns = self.supervisor.service_turns
        self.owner = str(owner)
        self.has_home = message.get("home") is not False
        if self.has_home and not self.supervisor.has_home(self.owner):
            raise SandboxRefused(f"{self.owner} has no home")

    def on_stop(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.stopped = Ended.OUTPUT if message.get("why") == Ended.OUTPUT else Ended.KILLED
        if self.keeper is not None:
            self.keeper.stop(self.stopped)

    def on_status(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.answer({"kind": "status", **self.supervisor.status()})
        self.leave()

    def on_console_call(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if self.owner or self.is_asking:
            wire.close_all(descriptors)
            self.expel("one connection asks one thing")
            return
        self.is_asking = True
        self.task = self.supervisor.loop.create_task(self.answer_call(message, descriptors))

    async def answer_call(self, message: dict[str, Any], descriptors: list[int]) -> None:
        call = console_calls.CALLS[message["kind"]]
        try:
            answer = await call(self.supervisor.sessions, message, descriptors)
            self.answer(answer, descriptors)
        except SandboxError as error:
            self.answer(as_answer(error))
        except (KeyError, TypeError, ValueError) as error:
            self.answer(as_answer(SandboxRefused(f"the question is wrong: {error}")))
        finally:
            wire.close_all(descriptors)
            self.close()

    def on_attach(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        if self.owner or self.is_asking:
            self.expel("one connection asks one thing")
            return
        try:
            console_calls.attach(self.supervisor.sessions, message, self.hand_over)
        except SandboxError as error:
            self.refuse(error)
        except (KeyError, TypeError, ValueError) as error:
            self.refuse(SandboxRefused(f"the question is wrong: {error}"))

    def hand_over(self) -> socket.socket:
        """It is somebody else's to read and close from now on."""
        self.supervisor.loop.remove_reader(self.connection)
        return self.connection

    def begin(self) -> None:
        """It is this job's turn."""
        self.has_turn = True
        # Those kept ready are for programs; a service may be made to wait a little, and has other limits.
        is_service = self.turns is self.supervisor.service_turns
        # A run without a home is one test of an exercise, each of which may have limits of its own.
        spare = None if is_service else self.supervisor.nursery.spare(self.limits, follows=self.has_home)
        if spare is not None:
            self.start(spare)
        else:
            self.task = self.supervisor.loop.create_task(self.begin_with_new_cell())

    async def begin_with_new_cell(self) -> None:
        try:
            cell = await self.supervisor.nursery.new_cell(self.limits)
        except SandboxError as error:
            self.refuse(error)
        else:
            self.start(cell)

    def start(self, cell: Cell) -> None:
        self.keeper = Keeper(cell, self.report)
        try:
            self.keeper.start(self.owner if self.has_home else NOBODY, self.descriptors)
        except OSError as error:
            self.keeper.stop(Ended.KILLED)
            self.refuse(SandboxError(f"the jail could not be entered: {error}"))
        self.close_descriptors()
        if self.stopped is not None:
            self.keeper.stop(self.stopped)
        self.supervisor.nursery.refill_soon()

    def report(self, outcome: Outcome | None) -> None:
        if outcome is None:
            self.refuse(SandboxError("the jail was lost while the program was running"))
        else:
            self.answer({"kind": "ended", "outcome": outcome.as_message()})
            self.finish()

    def refuse(self, error: SandboxError) -> None:
        self.answer(as_answer(error))
        self.finish()

    def expel(self, text: str) -> None:
        """It does not keep to the protocol; what runs for it is ended."""
        self.answer(as_answer(SandboxRefused(text)))
        self.leave()

    def answer(self, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        with contextlib.suppress(OSError):
            wire.send(self.connection, message, descriptors)

    def leave(self) -> None:
        """The caller went away."""
        if self.keeper is not None or self.has_turn:
            self.stopped = Ended.KILLED
            self.close()
            if self.keeper is not None:
                self.keeper.stop(Ended.KILLED)
        else:
            self.turns.give_up(self.owner, self)
            self.close()

    def finish(self) -> None:
        """The run is over: give back its turn and the connection."""
        self.close()
        if self.has_turn:
            self.has_turn = False
            for caller in self.turns.leave(self.owner):
                caller.begin()
        else:
            self.turns.give_up(self.owner, self)

    def close(self) -> None:
        if self.connection.fileno() >= 0:
            self.supervisor.loop.remove_reader(self.connection)
            self.connection.close()
        self.close_descriptors()

    def close_descriptors(self) -> None:
        wire.close_all(self.descriptors)
        self.descriptors = []


def as_answer(error: SandboxError) -> dict[str, Any]:
    return {"kind": KINDS.get(type(error), "failed"), "text": str(error), **vars(error)}


CALLER_MESSAGES = {
    "run": Caller.on_run,
    "stop": Caller.on_stop,
    "status": Caller.on_status,
    "attach": Caller.on_attach,
    **dict.fromkeys(console_calls.CALLS, Caller.on_console_call),
}
KINDS = {
    SandboxError: "failed",
    SandboxBusy: "busy",
    SandboxRefused: "refused",
    SandboxUnavailable: "unavailable",
    SessionGone: "gone",
}

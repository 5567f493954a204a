"""One connection to the supervisor: one job from being asked for to its outcome, or one question about consoles."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sandbox import console_calls, wire
from sandbox.cell import Cell
from sandbox.client import sealed_bytes
from sandbox.counts import Entry
from sandbox.environments import STANDARD, is_environment_name
from sandbox.faults import FAULTS, OverBudget, SandboxBusy, SandboxError, SandboxRefused
from sandbox.job import NOBODY, is_owner_name, job_id
from sandbox.keeper import Keeper
from sandbox.limits import CGI, MIB, Limits
from sandbox.outcome import Ended, Outcome
from sandbox.turns import QueueFull

if TYPE_CHECKING:
    from sandbox.supervisor import Supervisor

JOB_DESCRIPTORS = 4
RECENT_MAX_BYTES = 64 * 1024
TEXT_MAX_BYTES = 4 * MIB  # the standings of a hundred thousand people


class Caller:
    """A caller that goes away ends its run. A console outlives whoever asked for it."""

    def __init__(self, connection: socket.socket, supervisor: Supervisor) -> None:
        self.connection = connection
        self.supervisor = supervisor
        self.descriptors: list[int] = []
        self.owner = ""
        self.has_home = True
        self.limits = CGI
        self.gate = supervisor.gate
        self.turns = supervisor.turns
        self.environment = STANDARD
        self.nursery = supervisor.nursery
        self.keeper: Keeper | None = None
        self.task: asyncio.Task[None] | None = None
        self.has_turn = False
        self.stopped: Ended | None = None
        self.waiting: asyncio.Task[None] | None = None  # for the machine to have memory
        self.entry = Entry.RUN
        self.job = ""
        self.asked = supervisor.loop.time()
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
            self.supervisor.callers.add(self)
            self.read_header(message)
            self.gate.check(self.owner, self.limits)
            starts_now = self.turns.enter(self.owner, self)
        except (SandboxRefused, OverBudget) as refusal:
            self.refuse(refusal)
        except QueueFull as full:
            text = f"too many programs are waiting to run: {full.ahead}"
            self.refuse(SandboxBusy(text, full.retry_after_seconds, full.ahead))
        except OSError as error:
            self.fail(error)
        else:
            self.has_turn = starts_now
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
        self.job = job_id(message)
        self.has_home = message.get("home") is not False
        if self.is_service:
            self.entry = Entry.SERVICE
        elif not self.has_home:
            self.entry = Entry.TEST
        if self.has_home and not self.supervisor.has_home(self.owner):
            raise SandboxRefused(f"{self.owner} has no home")
        environment = message.get("environment", STANDARD)
        if not is_environment_name(environment):
            raise SandboxRefused("an environment is a name of a-z, 0-9, - and _")
        self.environment = str(environment)

    def on_stop(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.stopped = Ended.OUTPUT if message.get("why") == Ended.OUTPUT else Ended.KILLED
        if self.keeper is not None:
            self.keeper.stop(self.stopped)
        elif self.waiting is not None:
            self.waiting.cancel()
            self.report(Outcome(self.stopped, None, None, 0.0, 0.0, None))

    def on_status(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.answer({"kind": "status", **self.supervisor.status()})
        self.leave()

    def on_recent(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        found: list[dict[str, Any]] = []
        room = RECENT_MAX_BYTES
        for about in reversed(self.supervisor.counts.recent):
            room -= len(str(about))
            if room < 0:
                break
            found.append(about)
        self.answer({"kind": "recent", "recent": found})
        self.leave()

    def on_owners(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.answer({"kind": "owners", "owners": self.supervisor.owners()})
        self.leave()

    def on_end_owner(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        self.answer({"kind": "done", "ended": self.supervisor.end_owner(str(message.get("owner")))})
        self.leave()

    def on_usage(self, message: dict[str, Any], descriptors: list[int]) -> None:
        wire.close_all(descriptors)
        memory = -1
        try:
            content = self.supervisor.census.usage(everyone=message.get("everyone") is True)
            memory = sealed_bytes("usage", json.dumps(content).encode("ascii"))
            self.answer({"kind": "usage"}, [memory])
        except SandboxError as error:
            self.answer(as_answer(error))
        finally:
            wire.close_all([memory])
            self.leave()

    def on_standings(self, message: dict[str, Any], descriptors: list[int]) -> None:
        try:
            self.supervisor.change_standings(read_text(descriptors))
            self.answer({"kind": "done"})
        except SandboxRefused as refusal:
            self.answer(as_answer(refusal))
        finally:
            wire.close_all(descriptors)
            self.leave()

    def on_console_call(self, message: dict[str, Any], descriptors: list[int]) -> None:
        if self.owner or self.is_asking:
            wire.close_all(descriptors)
            self.expel("one connection asks one thing")
            return
        self.is_asking = True
        self.task = self.supervisor.loop.create_task(self.answer_call(message, descriptors))

    def on_renew(self, message: dict[str, Any], descriptors: list[int]) -> None:
        """An environment has been changed; answered once programs start in what it is now."""
        wire.close_all(descriptors)
        if self.owner or self.is_asking:
            self.expel("one connection asks one thing")
            return
        self.is_asking = True
        self.task = self.supervisor.loop.create_task(self.renew(message.get("environment")))

    async def renew(self, environment: object) -> None:
        try:
            if not is_environment_name(environment):
                raise SandboxRefused("an environment is a name of a-z, 0-9, - and _")
            await self.supervisor.nurseries.renew(str(environment))
            self.answer({"kind": "done"})
        except SandboxError as error:
            self.answer(as_answer(error))
        finally:
            self.close()

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
        """If it is this job's turn, and its caller has not gone since."""
        if not self.has_turn:
            return
        try:
            if self.gate.admission.admits(self.owner):
                self.begin_at_once()
            else:
                self.waiting = self.supervisor.loop.create_task(self.begin_when_admitted())
        except (SandboxError, OSError) as error:
            self.fail(error)

    async def begin_when_admitted(self) -> None:
        try:
            await self.gate.admission.wait(self.owner)
            self.begin_at_once()
        except (SandboxError, OSError) as error:
            self.fail(error)
        finally:
            self.waiting = None

    def begin_at_once(self) -> None:
        """Raises SandboxError and OSError."""
        self.gate.check(self.owner, self.limits)  # while it waited its owner's others may have grown
        if self.environment != STANDARD:
            self.nursery = self.supervisor.nurseries.get(self.environment)
        # Those kept ready are for programs; a service may be made to wait a little, and has other limits.
        # A run without a home is one test of an exercise, each of which may have limits of its own.
        spare = None if self.is_service else self.nursery.spare(self.limits, follows=self.has_home)
        if spare is not None:
            self.start(spare)
        else:
            self.task = self.supervisor.loop.create_task(self.begin_with_new_cell())

    async def begin_with_new_cell(self) -> None:
        try:
            self.start(await self.nursery.new_cell(self.limits))
        except (SandboxError, OSError) as error:
            self.fail(error)

    def start(self, cell: Cell) -> None:
        self.keeper = Keeper(cell, self.report)
        try:
            self.gate.take_in(self.owner, cell)
            self.keeper.start(self.owner if self.has_home else NOBODY, self.descriptors)
            self.supervisor.counts.started(self.entry, self.supervisor.loop.time() - self.asked)
        except OSError as error:
            self.keeper.stop(Ended.KILLED)
            self.refuse(SandboxError(f"the jail could not be entered: {error}"))
        self.close_descriptors()
        if self.stopped is not None:
            self.keeper.stop(self.stopped)
        self.nursery.refill_soon()

    def report(self, outcome: Outcome | None) -> None:
        if outcome is None:
            self.refuse(SandboxError("the jail was lost while the program was running"))
        else:
            self.supervisor.counts.ended(self.entry, self.owner, self.job, outcome)
            self.answer({"kind": "ended", "outcome": outcome.as_message()})
            self.finish()

    def end(self) -> None:
        """An administrator wants it gone."""
        if self.has_turn:
            self.on_stop({"why": Ended.KILLED}, [])
        else:
            self.refuse(SandboxRefused("an administrator has ended it"))

    @property
    def waits(self) -> bool:
        return not self.has_turn or self.waiting is not None

    @property
    def is_service(self) -> bool:
        return self.turns is self.supervisor.service_turns

    def fail(self, error: SandboxError | OSError) -> None:
        """It cannot begin; without descriptors, for one, the kernel refuses anything."""
        fault = error if isinstance(error, SandboxError) else SandboxError(f"the program could not be started: {error}")
        self.refuse(fault)

    def refuse(self, error: SandboxError) -> None:
        if self in self.supervisor.callers:
            self.supervisor.counts.refused(self.entry, self.owner, self.job, error)
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
        if self.waiting is not None:
            self.waiting.cancel()
            self.finish()
        elif self.keeper is not None or self.task is not None:  # either gives the turn back when all is dead
            self.stopped = Ended.KILLED
            self.close()
            if self.keeper is not None:
                self.keeper.stop(Ended.KILLED)
        else:
            self.finish()

    def finish(self) -> None:
        """The run is over: give back its turn and the connection."""
        self.close()
        if self.has_turn:
            self.has_turn = False
            for caller in self.turns.leave(self.owner):
                caller.has_turn = True
                self.supervisor.loop.call_soon(caller.begin)  # whatever becomes of one, the next is called
        else:
            self.turns.give_up(self.owner, self)

    def close(self) -> None:
        if self.connection.fileno() >= 0:
            self.supervisor.loop.remove_reader(self.connection)
            self.connection.close()
        self.close_descriptors()
        self.supervisor.callers.discard(self)

    def close_descriptors(self) -> None:
        wire.close_all(self.descriptors)
        self.descriptors = []


def read_text(descriptors: list[int]) -> bytes:
    """What came as memory. Raises SandboxRefused for anything else, of which one might wait for ever."""
    if len(descriptors) != 1 or not stat.S_ISREG(os.fstat(descriptors[0]).st_mode):
        raise SandboxRefused("this is told in memory, of which one descriptor is sent")
    if os.fstat(descriptors[0]).st_size > TEXT_MAX_BYTES:
        raise SandboxRefused(f"this is longer than {TEXT_MAX_BYTES} bytes")
    return os.pread(descriptors[0], TEXT_MAX_BYTES, 0)


def as_answer(error: SandboxError) -> dict[str, Any]:
    return {"kind": KINDS.get(type(error), "failed"), "text": str(error), **vars(error)}


CALLER_MESSAGES = {
    "run": Caller.on_run,
    "stop": Caller.on_stop,
    "status": Caller.on_status,
    "recent": Caller.on_recent,
    "owners": Caller.on_owners,
    "end_owner": Caller.on_end_owner,
    "usage": Caller.on_usage,
    "standings": Caller.on_standings,
    "attach": Caller.on_attach,
    "renew": Caller.on_renew,
    **dict.fromkeys(console_calls.CALLS, Caller.on_console_call),
}
KINDS = {fault: kind for kind, fault in FAULTS.items()}

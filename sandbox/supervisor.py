"""Listens for jobs and keeps them: `python -m sandbox serve`. One per machine; no secrets, no payload ever read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import wire
from sandbox.cell import Cell
from sandbox.cgroups import Cgroups, find_cgroups
from sandbox.diagnosis import choose_mode, choose_tier, explain, look, unsupported
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused, SandboxUnavailable
from sandbox.identity import choose_ids
from sandbox.job import is_owner_name
from sandbox.keeper import Keeper
from sandbox.launcher import Launch, Refusal
from sandbox.limits import CGI, Limits
from sandbox.meter import Tier
from sandbox.nursery import Nursery
from sandbox.outcome import Ended, Outcome
from sandbox.turns import QueueFull, Turns
from sandbox.zygote_handle import zygote_pid

CANNOT_ISOLATE_STATUS = 78  # EX_CONFIG of sysexits.h: starting again will not help, somebody must change the machine
FAULT_STATUS = 70  # EX_SOFTWARE: starting again may help
BACKLOG = 512
CLOSED_DOOR_SECONDS = 0.2
JOB_DESCRIPTORS = 4


@dataclass(frozen=True)
class Configuration:
    socket: Path
    homes: Path
    runtime: Path | None = None
    guests: Path = Path(__file__).resolve().parent.parent / "guest"
    spares: int = 8
    most_running: int = 64
    most_running_of_owner: int = 16
    most_waiting: int = 512
    most_waiting_of_owner: int = 64
    uid: int | None = None  # of student code; None: whose the homes are
    single_owner: str | None = None  # set: `homes` is itself the home of this one owner
    tier: Tier | None = None  # None: the best this machine has
    without_user_namespaces: bool = False
    limits: Limits = field(default=CGI)  # of the first spares; later ones follow what is asked for


class Caller:
    """One connection: one job, from being asked for to its outcome. A caller that goes away ends its run."""

    def __init__(self, connection: socket.socket, supervisor: Supervisor) -> None:
        self.connection = connection
        self.supervisor = supervisor
        self.descriptors: list[int] = []
        self.owner = ""
        self.limits = CGI
        self.keeper: Keeper | None = None
        self.task: asyncio.Task[None] | None = None
        self.has_turn = False
        self.stopped: Ended | None = None
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
        if self.owner:
            wire.close_all(descriptors)
            self.expel("one connection runs one job")
            return
        self.descriptors = descriptors
        try:
            self.read_header(message)
            starts_now = self.supervisor.turns.enter(self.owner, self)
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
        self.owner = str(owner)
        if not self.supervisor.has_home(self.owner):
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

    def begin(self) -> None:
        """It is this job's turn."""
        self.has_turn = True
        spare = self.supervisor.nursery.spare(self.limits)
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
            self.keeper.start(self.owner, self.descriptors)
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
        self.answer({"kind": KINDS[type(error)], "text": str(error), **vars(error)})
        self.finish()

    def expel(self, text: str) -> None:
        """It does not keep to the protocol; what runs for it is ended."""
        self.answer({"kind": KINDS[SandboxRefused], "text": text})
        self.leave()

    def answer(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            wire.send(self.connection, message)

    def leave(self) -> None:
        """The caller went away."""
        if self.keeper is not None or self.has_turn:
            self.stopped = Ended.KILLED
            self.close()
            if self.keeper is not None:
                self.keeper.stop(Ended.KILLED)
        else:
            self.supervisor.turns.give_up(self.owner, self)
            self.close()

    def finish(self) -> None:
        """The run is over: give back its turn and the connection."""
        self.close()
        if self.has_turn:
            self.has_turn = False
            for caller in self.supervisor.turns.leave(self.owner):
                caller.begin()
        else:
            self.supervisor.turns.give_up(self.owner, self)

    def close(self) -> None:
        if self.connection.fileno() >= 0:
            self.supervisor.loop.remove_reader(self.connection)
            self.connection.close()
        self.close_descriptors()

    def close_descriptors(self) -> None:
        wire.close_all(self.descriptors)
        self.descriptors = []


CALLER_MESSAGES = {"run": Caller.on_run, "stop": Caller.on_stop, "status": Caller.on_status}
KINDS = {SandboxError: "failed", SandboxBusy: "busy", SandboxRefused: "refused", SandboxUnavailable: "unavailable"}


class Supervisor:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.loop = asyncio.get_running_loop()
        self.cgroups = find_cgroups() if configuration.tier in (None, Tier.CGROUP_1, Tier.CGROUP_2) else Cgroups()
        self.machine = look()
        self.tier = configuration.tier or choose_tier(self.cgroups, self.machine)
        uid, gid = choose_ids(configuration.homes.stat(), configuration.uid)
        launch = Launch(
            homes=str(configuration.homes),
            single_owner=configuration.single_owner,
            runtime=str(configuration.runtime) if configuration.runtime else None,
            guests=str(configuration.guests),
            mode=choose_mode(self.machine, without_user_namespaces=configuration.without_user_namespaces),
            uid=uid,
            gid=gid,
        )
        self.nursery = Nursery(
            launch, self.tier, self.cgroups, configuration.spares, configuration.limits, self.explain
        )
        self.turns: Turns[Caller] = Turns(
            configuration.most_running,
            configuration.most_running_of_owner,
            configuration.most_waiting,
            configuration.most_waiting_of_owner,
        )
        self.door: socket.socket | None = None

    def explain(self, refusal: Refusal) -> str:
        return str(explain(refusal, self.machine))

    def has_home(self, owner: str) -> bool:
        if self.configuration.single_owner is not None:
            return owner == self.configuration.single_owner
        return (self.configuration.homes / owner).is_dir()

    async def open(self) -> None:
        """Raises SandboxUnavailable when this machine cannot isolate."""
        problem = unsupported(self.machine)
        if problem is not None:
            raise SandboxUnavailable(str(problem))
        await self.nursery.open()
        self.open_door()

    async def serve(self) -> None:
        """Until SIGTERM or SIGINT. Raises SandboxUnavailable when this machine cannot isolate."""
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, ended.set)
        opening = self.loop.create_task(self.open())
        ending = self.loop.create_task(ended.wait())
        try:
            await asyncio.wait((opening, ending), return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                opening.result()
                print("ready", flush=True)
                await ending
        finally:
            opening.cancel()
            self.close()

    def open_door(self) -> None:
        path = self.configuration.socket
        if answers(path):
            raise SandboxError(f"another supervisor answers at {path}")
        path.unlink(missing_ok=True)
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.bind(str(path))
        path.chmod(0o600)
        self.door.listen(BACKLOG)
        self.door.setblocking(False)
        self.loop.add_reader(self.door, self.on_caller, self.door)

    def on_caller(self, door: socket.socket) -> None:
        try:
            connection, _ = door.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # out of descriptors or memory: callers wait in the backlog
            print(f"no caller can be let in for a moment: {error}", file=sys.stderr)
            self.loop.remove_reader(door)
            self.loop.call_later(CLOSED_DOOR_SECONDS, self.loop.add_reader, door, self.on_caller, door)
            return
        Caller(connection, self).on_readable()

    def status(self) -> dict[str, Any]:
        zygote = self.nursery.zygote
        return {
            "tier": self.tier,
            "running": self.turns.running_count,
            "waiting": self.turns.waiting_count,
            "spares": len(self.nursery.spares),
            "supervisor_pid": os.getpid(),
            "zygote_pid": zygote_pid(zygote) if zygote else None,
            "forks": zygote.forks if zygote else 0,
        }

    def close(self) -> None:
        if self.door is not None:
            self.loop.remove_reader(self.door)
            self.door.close()
            self.configuration.socket.unlink(missing_ok=True)
        self.nursery.close()
        self.cgroups.close()


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(path)) == 0


def allow_many_descriptors() -> None:
    """Each run under way holds about ten."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(configuration: Configuration) -> int:
    """The exit status."""

    allow_many_descriptors()

    async def run() -> None:
        await Supervisor(configuration).serve()

    try:
        asyncio.run(run())
    except SandboxUnavailable as error:
        print(error, file=sys.stderr)
        return CANNOT_ISOLATE_STATUS
    except SandboxError as error:
        print(error, file=sys.stderr)
        return FAULT_STATUS
    return 0

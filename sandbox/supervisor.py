"""Listens for jobs and keeps them: `python -m sandbox serve`. One per machine; no secrets, no payload ever read."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sandbox import saying, told
from sandbox.caller import Caller
from sandbox.census import Census
from sandbox.cgroups import Cgroups, find_cgroups
from sandbox.counts import Counts
from sandbox.descriptors import allow_many_descriptors
from sandbox.diagnosis import choose_mode, choose_tier, explain, look, unsupported
from sandbox.environments import STANDARD, Environments
from sandbox.faults import SandboxError, SandboxRefused, SandboxUnavailable
from sandbox.gate import Gate
from sandbox.identity import choose_ids
from sandbox.job import NOBODY
from sandbox.launcher import Launch, Refusal
from sandbox.limits import CGI, CONSOLE, MIB, Limits
from sandbox.machine_load import MachineLoad, limiting_groups
from sandbox.meter import Tier
from sandbox.nurseries import PYTHON, Nurseries
from sandbox.nursery import Nursery
from sandbox.pool import Pool
from sandbox.sessions import Sessions
from sandbox.shares import choose_sharing
from sandbox.standing import GUEST, STUDENT, Standing, Standings, from_text
from sandbox.turns import Turns
from sandbox.zygote_handle import zygote_pid

CANNOT_ISOLATE_STATUS = 78  # EX_CONFIG of sysexits.h: starting again will not help, somebody must change the machine
FAULT_STATUS = 70  # EX_SOFTWARE: starting again may help
BACKLOG = 512
CLOSED_DOOR_SECONDS = 0.2
LOOK_SECONDS = 0.05
NAMED_SPARES = 1  # of each kind, in an environment that is not the standard one


@dataclass(frozen=True)
class Configuration:
    socket: Path
    homes: Path
    runtime: Path | None = None
    runtimes: Path | None = None  # folder of the environments with a name
    guests: Path = Path(__file__).resolve().parent.parent / "guest"
    spares: int = 8
    most_running: int = 64
    most_running_of_owner: int = 16
    most_waiting: int = 512
    most_waiting_of_owner: int = 64
    most_services: int = 64
    most_services_of_owner: int = 2
    has_consoles: bool = False
    console_spares: int = 2
    most_sessions: int = 256
    most_sessions_of_owner: int = 8
    uid: int | None = None  # of student code; None: whose the homes are
    memory_reserve_bytes: int = 512 * MIB  # below it nothing new is started
    standing: Standing = STUDENT  # of whoever is not told of
    guests_standing: Standing = GUEST  # of guests who are not
    single_owner: str | None = None  # set: `homes` is itself the home of this one owner
    tier: Tier | None = None  # None: the best this machine has
    without_user_namespaces: bool = False
    log_format: str = "text"  # or "json"
    log_tells: bool = False  # how each program ended
    farewell_seconds: float = 0.0  # from being told to end to ending, where somebody's program runs
    # Of the first spares; later ones follow what is asked for.
    limits: Limits = field(default=CGI)
    console_limits: Limits = field(default=CONSOLE)


class Supervisor:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.loop = asyncio.get_running_loop()
        self.cgroups = find_cgroups() if configuration.tier in (None, Tier.CGROUP_1, Tier.CGROUP_2) else Cgroups()
        self.machine = look()
        self.tier = configuration.tier or choose_tier(self.cgroups, self.machine)
        uid, gid = choose_ids(configuration.homes.stat(), configuration.uid)
        self.launch = Launch(
            homes=str(configuration.homes),
            single_owner=configuration.single_owner,
            runtime=str(configuration.runtime) if configuration.runtime else None,
            guests=str(configuration.guests),
            name=PYTHON,
            mode=choose_mode(self.machine, without_user_namespaces=configuration.without_user_namespaces),
            uid=uid,
            gid=gid,
        )
        self.environments = Environments(configuration.runtimes, configuration.runtime)
        self.nurseries = Nurseries(self.environments, self.make_nursery, has_consoles=configuration.has_consoles)
        self.nursery = self.nurseries.standard
        self.census = Census(
            choose_sharing(self.cgroups),
            Standings(configuration.standing, configuration.guests_standing, told.recall(configuration.socket.parent)),
            MachineLoad(limiting_groups(self.cgroups.memory_group)),
        )
        self.gate = Gate(self.census, configuration.memory_reserve_bytes)
        self.counts = Counts()
        self.callers: set[Caller] = set()  # those with a job
        self.sessions = Sessions(
            self.nursery_for,
            self.gate,
            self.counts,
            configuration.most_sessions,
            configuration.most_sessions_of_owner,
        )
        self.turns: Turns[Caller] = Turns(
            configuration.most_running,
            configuration.most_running_of_owner,
            configuration.most_waiting,
            configuration.most_waiting_of_owner,
            self.census.goes_first,
        )
        self.service_turns: Turns[Caller] = Turns(
            configuration.most_services,
            configuration.most_services_of_owner,
            0,
            0,
            self.census.goes_first,
            has_reserve=True,
        )
        self.door: socket.socket | None = None

    def make_nursery(self, environment: str, kind: str) -> Nursery:
        configuration = self.configuration
        most = 1000 if environment == STANDARD else NAMED_SPARES
        pools = []
        if kind == PYTHON:
            pools.append(Pool(configuration.limits, min(most, configuration.spares)))
        if configuration.has_consoles:
            spares = min(most, configuration.console_spares)
            pools.append(Pool(configuration.console_limits, spares, has_terminal=True))
        launch = replace(self.launch, name=kind)
        states = partial(self.environments.states, environment)
        return Nursery(launch, self.tier, self.cgroups, pools, self.explain, states)

    def nursery_for(self, owner: str, environment: str, kind: str) -> Nursery:
        """Where the jail of a console comes from; `owner` is NOBODY for one without a home. Raises SandboxRefused."""
        if not self.configuration.has_consoles:
            raise SandboxRefused("there are no consoles here")
        if owner != NOBODY and not self.has_home(owner):
            raise SandboxRefused(f"{owner} has no home")
        return self.nurseries.get(environment, kind)

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
        await self.nurseries.open()
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
                ended.clear()
                await self.let_end(ended)
        finally:
            opening.cancel()
            self.close()

    async def let_end(self, asked_again: asyncio.Event) -> None:
        """Nothing begins any more; what runs may end by itself for a while. People in consoles may know already."""
        seconds = self.configuration.farewell_seconds
        self.close_door()
        if seconds and not self.sessions.is_end_announced:
            self.sessions.announce_end(seconds)
        consoles_until, runs_until = self.sessions.end_at or 0.0, self.loop.time() + seconds
        while seconds and not asked_again.is_set():
            has_runs = any(not caller.is_service for caller in self.callers)
            latest = max(runs_until * has_runs, consoles_until * bool(self.sessions.live_count))
            if self.loop.time() >= latest:
                return
            await asyncio.sleep(LOOK_SECONDS)

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
        self.watch_door(self.door)

    def watch_door(self, door: socket.socket) -> None:
        if self.door is door:
            self.loop.add_reader(door, self.on_caller, door)

    def on_caller(self, door: socket.socket) -> None:
        try:
            connection, _ = door.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:  # out of descriptors or memory: callers wait in the backlog
            saying.say(f"no caller can be let in for a moment: {error}")
            self.loop.remove_reader(door)
            self.loop.call_later(CLOSED_DOOR_SECONDS, self.watch_door, door)
            return
        Caller(connection, self).on_readable()

    def status(self) -> dict[str, Any]:
        zygote = self.nursery.zygote
        standard = self.nurseries.by_name[STANDARD]
        return {
            "tier": self.tier,
            "running": self.turns.running_count,
            "waiting": self.turns.waiting_count,
            "waiting_for_memory": self.gate.admission.waiting_count,
            "services": self.service_turns.running_count,
            "spares": len(self.nursery.pools[0].spares),
            "supervisor_pid": os.getpid(),
            "zygote_pid": zygote_pid(zygote) if zygote else None,
            "forks": zygote.forks if zygote else 0,
            "sessions": self.sessions.live_count,
            "ended_sessions": len(self.sessions.ended),
            "watchers": sum(len(session.watchers) for session in self.sessions.by_id.values()),
            "consoles": {kind: console_status(nursery) for kind, nursery in standard.items()},
            "environments": {
                name: {kind: zygote_pid(nursery.zygote) if nursery.zygote else None for kind, nursery in kinds.items()}
                for name, kinds in self.nurseries.by_name.items()
            },
            "counts": self.counts.as_message(),
        }

    def owners(self) -> dict[str, dict[str, int]]:
        """Who has programs here that are no consoles, and how many."""
        found: dict[str, dict[str, int]] = {}
        for caller in self.callers:
            kind = "waiting" if caller.waits else "services" if caller.is_service else "running"
            numbers = found.setdefault(caller.owner, {"running": 0, "waiting": 0, "services": 0})
            numbers[kind] += 1
        return found

    def end_owner(self, owner: str) -> int:
        """All that they run is killed, and what waits is told so; how many it were."""
        callers = [caller for caller in self.callers if caller.owner == owner]
        for caller in callers:
            caller.end()
        consoles = [session for session in self.sessions.by_id.values() if session.owner == owner]
        running = [session for session in consoles if session.program is not None]
        for session in running:
            session.stop()
        return len(callers) + len(running)

    def change_standings(self, text: bytes) -> None:
        """Raises SandboxRefused."""
        by_owner = from_text(text)
        if by_owner != self.census.standings.by_owner:
            told.keep(self.configuration.socket.parent, text)
        self.census.change(replace(self.census.standings, by_owner=by_owner))

    def close_door(self) -> None:
        if self.door is not None:
            self.loop.remove_reader(self.door)
            self.door.close()
            self.door = None
            self.configuration.socket.unlink(missing_ok=True)

    def close(self) -> None:
        self.close_door()
        self.sessions.close()
        self.nurseries.close()
        self.gate.close()
        self.cgroups.close()


def console_status(nursery: Nursery) -> dict[str, Any]:
    return {
        "spares": sum(len(pool.spares) for pool in nursery.pools if pool.has_terminal),
        "zygote_pid": zygote_pid(nursery.zygote) if nursery.zygote else None,
        "zygote_deaths": nursery.deaths,
    }


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(path)) == 0


def serve(configuration: Configuration) -> int:
    """The exit status."""

    saying.choose(configuration.log_format, tells=configuration.log_tells)
    allow_many_descriptors()

    async def run() -> None:
        await Supervisor(configuration).serve()

    try:
        asyncio.run(run())
    except SandboxUnavailable as error:
        saying.say(str(error))
        return CANNOT_ISOLATE_STATUS
    except SandboxError as error:
        saying.say(str(error))
        return FAULT_STATUS
    return 0

"""Listens for jobs and keeps them: `python -m sandbox serve`. One per machine; no secrets, no payload ever read."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.caller import Caller
from sandbox.cgroups import Cgroups, find_cgroups
from sandbox.descriptors import allow_many_descriptors
from sandbox.diagnosis import choose_mode, choose_tier, explain, look, unsupported
from sandbox.faults import SandboxError, SandboxRefused, SandboxUnavailable
from sandbox.identity import choose_ids
from sandbox.launcher import Launch, Refusal
from sandbox.limits import CGI, CONSOLE, Limits
from sandbox.meter import Tier
from sandbox.nursery import Nursery
from sandbox.pool import Pool
from sandbox.runtime import RuntimeMissing, find_runtime
from sandbox.sessions import Sessions
from sandbox.turns import Turns
from sandbox.zygote_handle import zygote_pid

CANNOT_ISOLATE_STATUS = 78  # EX_CONFIG of sysexits.h: starting again will not help, somebody must change the machine
FAULT_STATUS = 70  # EX_SOFTWARE: starting again may help
BACKLOG = 512
CLOSED_DOOR_SECONDS = 0.2
PYTHON, IPYTHON = "python", "ipython"
MISSING = {IPYTHON: "IPython is not installed in the students' Python here; use the plain prompt instead."}


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
    most_services: int = 64
    most_services_of_owner: int = 2
    has_consoles: bool = False
    console_spares: int = 2
    most_sessions: int = 256
    most_sessions_of_owner: int = 8
    uid: int | None = None  # of student code; None: whose the homes are
    single_owner: str | None = None  # set: `homes` is itself the home of this one owner
    tier: Tier | None = None  # None: the best this machine has
    without_user_namespaces: bool = False
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
        self.nursery = self.make_nursery(PYTHON, Pool(configuration.limits, configuration.spares))
        self.nurseries = {PYTHON: self.nursery}
        if configuration.has_consoles and has_package(configuration.runtime, "IPython"):
            self.nurseries[IPYTHON] = self.make_nursery(IPYTHON)
        self.sessions = Sessions(self.nursery_for, configuration.most_sessions, configuration.most_sessions_of_owner)
        self.turns: Turns[Caller] = Turns(
            configuration.most_running,
            configuration.most_running_of_owner,
            configuration.most_waiting,
            configuration.most_waiting_of_owner,
        )
        self.service_turns: Turns[Caller] = Turns(
            configuration.most_services, configuration.most_services_of_owner, 0, 0
        )
        self.door: socket.socket | None = None

    def make_nursery(self, name: str, *pools: Pool) -> Nursery:
        configuration = self.configuration
        if configuration.has_consoles:
            pools += (Pool(configuration.console_limits, configuration.console_spares, has_terminal=True),)
        return Nursery(replace(self.launch, name=name), self.tier, self.cgroups, pools, self.explain)

    def nursery_for(self, owner: str, runtime: str) -> Nursery:
        """Where the jail of a console of this owner comes from. Raises SandboxRefused."""
        if not self.configuration.has_consoles:
            raise SandboxRefused("there are no consoles here")
        if not self.has_home(owner):
            raise SandboxRefused(f"{owner} has no home")
        nursery = self.nurseries.get(runtime)
        if nursery is None:
            raise SandboxRefused(MISSING.get(runtime, f"there is no {runtime[:64]!r} here"))
        return nursery

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
        for name, nursery in self.nurseries.items():
            if name != PYTHON:
                nursery.start_zygote()  # nobody has to wait for it
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
            "services": self.service_turns.running_count,
            "spares": len(self.nursery.pools[0].spares),
            "supervisor_pid": os.getpid(),
            "zygote_pid": zygote_pid(zygote) if zygote else None,
            "forks": zygote.forks if zygote else 0,
            "sessions": self.sessions.live_count,
            "ended_sessions": len(self.sessions.ended),
            "consoles": {name: console_status(nursery) for name, nursery in self.nurseries.items()},
        }

    def close(self) -> None:
        if self.door is not None:
            self.loop.remove_reader(self.door)
            self.door.close()
            self.configuration.socket.unlink(missing_ok=True)
        self.sessions.close()
        for nursery in self.nurseries.values():
            nursery.close()
        self.cgroups.close()


def console_status(nursery: Nursery) -> dict[str, Any]:
    return {
        "spares": sum(len(pool.spares) for pool in nursery.pools if pool.has_terminal),
        "zygote_pid": zygote_pid(nursery.zygote) if nursery.zygote else None,
    }


def has_package(runtime: Path | None, name: str) -> bool:
    try:
        packages = find_runtime(runtime).packages
    except RuntimeMissing:
        return False
    return packages is not None and (packages / name).is_dir()


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(path)) == 0


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

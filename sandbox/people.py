"""Asks the supervisor what people's programs use, and tells it what is their due. For whoever knows who people are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import standing, wire
from sandbox.client import SocketPath, connect, sealed_bytes
from sandbox.consoles import asked, read_memory
from sandbox.standing import Standing

__all__ = ["MachineUsage", "PersonUsage", "Standing", "standings_told", "usage"]


@dataclass(frozen=True)
class PersonUsage:
    kind: str
    cpu_seconds: float  # of all their programs since this supervisor began: never less than before
    memory_bytes: int  # now, as are the next
    processes: int
    runs: int  # programs, consoles and services


@dataclass(frozen=True)
class MachineUsage:
    boot: str  # another one: a supervisor that has begun anew, and counts from nothing
    people: Mapping[str, PersonUsage]  # by owner
    cpu_seconds_by_kind: Mapping[str, float]
    memory_available_bytes: int
    load: float

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> MachineUsage:
        people = {owner: PersonUsage(**values) for owner, values in message["people"].items()}
        return cls(**{**message, "people": people})


async def usage(socket_path: SocketPath, *, everyone: bool = False) -> MachineUsage:
    """Of those who have a program or had one in the last ten minutes; with `everyone` also of those who had one before.
    Of guests only while they have one.

    Asking changes nothing, whoever asks and however often. Of 20,000 people without a program the one who has been
    without for longest is forgotten, and would count from nothing again.
    """
    return MachineUsage.from_message(
        json.loads(await read_memory(socket_path, {"kind": "usage", "everyone": everyone}))
    )


async def standings_told(socket_path: SocketPath, standings: Mapping[str, Standing]) -> None:
    """All there are: who is not among them has the usual one. At once, for programs that run as well.

    Raises SandboxRefused for a standing or a name that makes no sense; then nothing has changed.
    """
    memory = sealed_bytes("standings", standing.as_text(standings).encode("ascii"))
    try:
        with connect(socket_path) as connection:
            await asked(connection, {"kind": "standings"}, [memory])
    finally:
        wire.close_all([memory])

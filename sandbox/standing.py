"""What one person's programs may have together: of the processors, of memory, of processes.

Told by whoever knows people, kept by census.py, enforced by shares.py (processors) and budget.py (memory, processes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.faults import SandboxRefused
from sandbox.job import is_owner_name
from sandbox.limits import MIB

KIND_MAX_CHARACTERS = 32
SHARES_MAX = 10_000
TARPIT = "tarpit"  # the kind that waits for all others
GUEST_PREFIX = "guest."  # no login name has a dot


@dataclass(frozen=True)
class Standing:
    kind: str
    shares: int  # of the processors when they are short, beside those of others
    memory_bytes: int  # of all programs together
    processes: int
    goes_first: bool  # where programs have to wait

    def as_message(self) -> dict[str, Any]:
        return dict(vars(self))

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Standing:
        """Raises SandboxRefused for what is no standing."""
        try:
            standing = cls(**message)
        except TypeError as error:
            raise SandboxRefused(f"a standing has other fields: {error}") from error
        numbers = (standing.shares, standing.memory_bytes, standing.processes)
        if not isinstance(standing.kind, str) or not 0 < len(standing.kind) <= KIND_MAX_CHARACTERS:
            raise SandboxRefused(f"the kind of a standing is 1 to {KIND_MAX_CHARACTERS} characters")
        if not all(type(number) is int and number > 0 for number in numbers) or standing.shares > SHARES_MAX:
            raise SandboxRefused(f"shares, memory and processes are positive, and shares at most {SHARES_MAX}")
        if not isinstance(standing.goes_first, bool):
            raise SandboxRefused("somebody goes first or does not")
        return standing


def with_reserve(most: int, *, goes_first: bool) -> int:
    """A maximum of the whole machine, for somebody: who goes first has a tenth more, which nobody else can fill."""
    return most + max(1, most // 10) if goes_first else most


def is_guest(owner: str) -> bool:
    return owner.startswith(GUEST_PREFIX)


STUDENT = Standing("student", shares=300, memory_bytes=2048 * MIB, processes=256, goes_first=False)
GUEST = Standing("guest", shares=150, memory_bytes=512 * MIB, processes=96, goes_first=False)


@dataclass(frozen=True)
class Standings:
    """Everybody's; `others` and `guests` are of those who are not named."""

    others: Standing = STUDENT
    guests: Standing = GUEST
    by_owner: Mapping[str, Standing] = field(default_factory=dict)

    def of(self, owner: str) -> Standing:
        return self.by_owner.get(owner) or (self.guests if is_guest(owner) else self.others)


def as_text(by_owner: Mapping[str, Standing]) -> str:
    """Short where many have the same standing, as most have."""
    different = list(dict.fromkeys(by_owner.values()))
    places = {standing: place for place, standing in enumerate(different)}
    return json.dumps(
        {
            "standings": [standing.as_message() for standing in different],
            "owners": {owner: places[standing] for owner, standing in by_owner.items()},
        },
        separators=(",", ":"),
    )


def from_text(text: bytes) -> dict[str, Standing]:
    """Raises SandboxRefused for what `as_text` has not made."""
    try:
        content = json.loads(text)
        different = [Standing.from_message(message) for message in content["standings"]]
        by_owner = {owner: different[place] for owner, place in content["owners"].items()}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise SandboxRefused(f"these are no standings: {error}") from error
    for owner in by_owner:
        if not is_owner_name(owner):
            raise SandboxRefused(f"{owner[:64]!r} is no owner's name")
    return by_owner

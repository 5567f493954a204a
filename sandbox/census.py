"""Who has programs here, and what they have used: every jail that is given away is counted for its person.

Kept by supervisor.py. Nothing is looked at more often than it is asked for, but for what budget.py watches.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from typing import Any

from sandbox.cell import Cell
from sandbox.machine_load import MachineLoad
from sandbox.person import Member, Person
from sandbox.shares import Sharing
from sandbox.standing import Standings

REMEMBERED_MAX = 20_000  # people without a program whose CPU is still known
LATELY_SECONDS = 600.0
LOOK_SECONDS = 1.0


class Census:
    def __init__(self, sharing: Sharing, standings: Standings, load: MachineLoad) -> None:
        self.sharing = sharing
        self.standings = standings
        self.load = load
        self.loop = asyncio.get_running_loop()
        self.boot = secrets.token_hex(8)
        self.present: dict[str, Person] = {}  # with a jail
        self.absent: dict[str, Person] = {}  # by when their last jail ended, the longest ago first
        self.timer: asyncio.TimerHandle | None = None
        self.cpu_seconds_by_kind: defaultdict[str, float] = defaultdict(float)

    def person(self, owner: str) -> Person:
        """Whoever it is; not kept for having been asked for."""
        person = self.present.get(owner) or self.absent.get(owner) or Person(owner, self.standings.of(owner))
        person.standing = self.standings.of(owner)
        return person

    def goes_first(self, owner: str) -> bool:
        return self.standings.of(owner).goes_first

    def take_in(self, owner: str, cell: Cell) -> None:
        """The cell is about to be given to this owner. Raises OSError; nothing has changed then."""
        if cell.is_dead:
            raise OSError("the jail died before it was used")
        person = self.person(owner)
        person.members[cell] = Member(cell)
        if len(person.members) == 1 and self.sharing.favours_the_light:
            person.see(self.loop.time())
        try:
            cell.person_doors = self.sharing.begin(person, cell)
        except OSError:
            del person.members[cell]
            raise
        self.absent.pop(owner, None)
        self.present[owner] = person
        cell.person = person
        cell.watchers.append(self.on_change)
        self.look_soon()

    def look(self) -> None:
        """Who has worked lately, and which of their programs? While anybody is there for whom that decides anything."""
        self.timer = None
        now = self.loop.time()
        try:
            for person in self.present.values():
                self.look_at(person, now)
        finally:  # or nobody would ever be looked at again
            self.look_soon()

    def look_at(self, person: Person, now: float) -> None:
        changes = self.sharing.favours_the_light and person.see(now)
        if self.sharing.counts_members and len(person.members) > 1:
            for member in person.members.values():
                member.look(LOOK_SECONDS)
            changes = True
        if changes or self.sharing.wears_off(person):
            self.sharing.weigh(person)

    def look_soon(self) -> None:
        if self.timer is None and any(map(self.is_worth_a_look, self.present.values())):
            self.timer = self.loop.call_later(LOOK_SECONDS, self.look)

    def is_worth_a_look(self, person: Person) -> bool:
        several = self.sharing.counts_members and len(person.members) > 1
        return self.sharing.favours_the_light or several or self.sharing.wears_off(person)

    def on_change(self, cell: Cell) -> None:
        if cell.is_dead and cell.person is not None:
            self.let_go(cell.person, cell)

    def let_go(self, person: Person, cell: Cell) -> None:
        person.cpu_seconds_of_ended += cell.cpu_seconds()
        del person.members[cell]
        self.tell_kind(person)
        cell.person = None
        if person.members:
            if self.sharing.counts_members:
                self.sharing.weigh(person)
            return
        self.sharing.end(person)
        del self.present[person.owner]
        if person.is_guest:
            return  # every new one is another owner, whom nobody asks for again
        person.last_seen = self.loop.time()
        self.absent[person.owner] = person
        if len(self.absent) > REMEMBERED_MAX:
            del self.absent[next(iter(self.absent))]

    def tell_kind(self, person: Person) -> None:
        """What has been used since was used as what the person is now."""
        cpu_seconds = person.cpu_seconds()
        self.cpu_seconds_by_kind[person.standing.kind] += cpu_seconds - person.cpu_seconds_told
        person.cpu_seconds_told = cpu_seconds

    def change(self, standings: Standings) -> None:
        """For the programs that run now as well."""
        self.standings = standings
        for person in self.present.values():
            standing = standings.of(person.owner)
            if standing != person.standing:
                self.tell_kind(person)
                person.standing = standing
                self.sharing.weigh(person)
        self.look_soon()

    def usage(self, *, everyone: bool) -> dict[str, Any]:
        """Of all who have a program or had one lately; with `everyone` of all who are remembered."""
        long_ago = self.loop.time() - LATELY_SECONDS
        for person in self.present.values():
            self.tell_kind(person)
        lately = [person.owner for person in self.absent.values() if everyone or person.last_seen > long_ago]
        told = [self.person(owner) for owner in [*self.present, *lately]]
        return {
            "boot": self.boot,
            "people": {person.owner: describe(person) for person in told},
            "cpu_seconds_by_kind": dict(self.cpu_seconds_by_kind),
            "memory_available_bytes": self.load.memory_available_bytes(),
            "load": self.load.load(),
        }

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        for person in self.present.values():
            self.sharing.end(person)
        self.sharing.close()
        self.load.close()


def describe(person: Person) -> dict[str, Any]:
    return {
        "kind": person.standing.kind,
        "cpu_seconds": round(person.cpu_seconds(), 6),
        "memory_bytes": person.memory_bytes(),
        "processes": person.processes(),
        "runs": len(person.members),
    }

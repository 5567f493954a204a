"""Shares of the processors between people, in one of three ways: by a control group of each person, by the weights of
their jails' groups, by the priorities of their processes. Chosen once by the supervisor; asked by census.py.

Whichever it is, who is alone on the machine gets all of it.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol

from sandbox.cgroups import DOOR_FLAGS, DOOR_OF_VERSION1, SHARES_MAX, UNIFIED, WEIGHT_MAX, Cgroups, remove_folders
from sandbox.standing import STUDENT, TARPIT

if TYPE_CHECKING:
    from sandbox.cell import Cell
    from sandbox.person import Person

FREE_MAX = 64
SHARES_FILE = "cpu.shares"
# The kernel splits a group's shares between processors and gives each at least 2: with numbers as small as standings
# have, the smallest would be rounded up.
SHARES_FACTOR = 100
LIGHT_FACTOR = 8  # whoever has used little lately has so much more than whoever has computed for a while
NICE_STEP = 1.25  # so much less is each step of nice (sched(7))
NICE_MAX = 19
BEST_SHARES = 700  # are nice 0
USUAL_SHARES = STUDENT.shares  # who has fewer is held to them


@dataclass(frozen=True)
class Weights:
    """What the kernel takes for a jail's group, and how much of it a share is. So much that whoever computes has fifty
    times what the least of each jail comes to, of as many jails as one person can have in the tarpit."""

    factor: int
    least: int
    most: int


# Where that leaves no room, whoever is light and has more than the usual shares has no more than the others.
WEIGHTS_OF_VERSION2 = Weights(factor=35, least=1, most=WEIGHT_MAX)
WEIGHTS_OF_VERSION1 = Weights(factor=350, least=2, most=SHARES_MAX)


class Sharing(Protocol):
    words: str  # between whom, and by what
    favours_the_light: bool  # those who have used little lately
    counts_members: bool  # a person's share is divided among those of their jails that are busy

    def begin(self, person: Person, cell: Cell) -> list[int]:
        """The cell is about to be this person's. What its student shall join. Raises OSError."""

    def weigh(self, person: Person) -> None:
        """Their standing has changed, or how many of their jails work."""

    def wears_off(self, person: Person) -> bool:
        """Can their programs shake it off, so that they have to be weighed again and again?"""

    def end(self, person: Person) -> None:
        """They have no jails any more."""

    def close(self) -> None: ...


class Guests:
    """Those who are here, among whom the share of one is divided: anybody can be as many of them as there may be, and
    each is somebody new."""

    def __init__(self, weigh: Callable[[Person], None]) -> None:
        self.weigh = weigh
        self.here: set[Person] = set()

    def note(self, person: Person) -> None:
        """They have come, if they are one. Who was noted and then got no jail has no members, and is dropped."""
        if person.is_guest and person not in self.here:
            self.here = {guest for guest in self.here if guest.members} | {person}
            self.divide()

    def leave(self, person: Person) -> None:
        if person in self.here:
            self.here.remove(person)
            self.divide()

    def divide(self) -> None:
        for guest in self.here:
            guest.sharers = len(self.here)
            self.weigh(guest)


class PersonGroup:
    """A folder of version 1's cpu controller. Nothing of its last person is left once all their jails are dead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shares = 0
        self.door = self.shares_file = -1
        folder.mkdir()
        try:
            self.door = os.open(folder / DOOR_OF_VERSION1, DOOR_FLAGS)
            self.shares_file = os.open(folder / SHARES_FILE, DOOR_FLAGS)
        except OSError:
            self.close()
            raise

    def weigh(self, shares: int) -> None:
        if shares != self.shares:
            os.pwrite(self.shares_file, str(shares).encode(), 0)
            self.shares = shares

    def close(self) -> bool:
        """False while the kernel still holds the folder."""
        for descriptor in (self.door, self.shares_file):
            if descriptor >= 0:
                os.close(descriptor)
        self.door = self.shares_file = -1
        return remove_folders([self.folder])


class ByPerson:
    """Exactly between people, however many jails and processes each has."""

    words = "between people, by control groups"
    favours_the_light, counts_members = True, False

    def __init__(self, people: Path) -> None:
        self.people = people
        self.free: list[PersonGroup] = []
        self.leaving: list[PersonGroup] = []  # whose folders the kernel still holds
        self.guests = Guests(self.weigh)

    def begin(self, person: Person, cell: Cell) -> list[int]:
        if person.group is None:
            # A number would tell those in it how many people there are.
            person.group = self.free.pop() if self.free else PersonGroup(self.people / f"person-{token_hex(4)}")
        self.guests.note(person)
        self.weigh(person)
        return [person.group.door]

    def weigh(self, person: Person) -> None:
        if person.group is not None:
            person.group.weigh(min(round(due(person) * SHARES_FACTOR), SHARES_MAX))

    def wears_off(self, person: Person) -> bool:
        return False

    def end(self, person: Person) -> None:
        self.guests.leave(person)
        if person.group is None:
            return
        if len(self.free) < FREE_MAX:
            self.free.append(person.group)
        else:
            self.leaving.append(person.group)
        person.group = None
        self.leaving = [group for group in self.leaving if not group.close()]

    def close(self) -> None:
        for group in [*self.free, *self.leaving]:
            group.close()
        self.free, self.leaving = [], []


class ByJail:
    """Each jail's group has a weight: its person's share, divided among those of their jails that are busy."""

    words = "between people, by the weights of their programs' control groups"
    favours_the_light = counts_members = True

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.guests = Guests(self.weigh)

    def begin(self, person: Person, cell: Cell) -> list[int]:
        self.guests.note(person)
        self.weigh(person)
        return []

    def weigh(self, person: Person) -> None:
        share = round(due(person) / busy_members(person) * self.weights.factor)
        weight = min(max(share, self.weights.least), self.weights.most)
        for cell in person.members:
            if cell.group is not None:
                cell.group.weigh(weight)

    def wears_off(self, person: Person) -> bool:
        return False

    def end(self, person: Person) -> None:
        """Its jails' groups are given back by the jails."""
        self.guests.leave(person)

    def close(self) -> None: ...


class ByPriority:
    """Without control groups: the kernel shares between processes, or between sessions (autogroup of sched(7)); a
    person's are made less important the smaller their share and the more of their jails are busy."""

    words = "between programs, by priority"
    favours_the_light, counts_members = False, True

    def __init__(self) -> None:
        self.guests = Guests(self.weigh)

    def begin(self, person: Person, cell: Cell) -> list[int]:
        self.guests.note(person)
        self.weigh(person)
        return []

    def weigh(self, person: Person) -> None:
        nice = nice_of(person.standing.shares / person.sharers / busy_members(person))
        for cell in person.members:
            for pid in cell.pids():
                set_priority(pid, nice)

    def wears_off(self, person: Person) -> bool:
        """A process that begins a session of its own (setsid(2)) is in a group of the kernel's that is nice 0."""
        return person.standing.shares < USUAL_SHARES

    def end(self, person: Person) -> None:
        """Nothing is kept of them."""
        self.guests.leave(person)

    def close(self) -> None: ...


def choose_sharing(cgroups: Cgroups) -> Sharing:
    if cgroups.people is not None:
        return ByPerson(cgroups.people)
    if cgroups.weight is not None:
        return ByJail(WEIGHTS_OF_VERSION2 if cgroups.weight[0] == UNIFIED else WEIGHTS_OF_VERSION1)
    return ByPriority()


def due(person: Person) -> float:
    """Their shares, whole while they are light. Between two that are, or two that are not, as their standings say.

    A guest never is: whoever has used much could always come again as another.
    """
    is_favoured = person.is_light and person.standing.kind != TARPIT and not person.is_guest
    shares = person.standing.shares / person.sharers
    return shares if is_favoured else shares / LIGHT_FACTOR


def busy_members(person: Person) -> int:
    return max(1, sum(member.is_busy for member in person.members.values()))


def nice_of(shares: float) -> int:
    """Above NICE_MAX where no such step is small enough."""
    return max(0, round(math.log(BEST_SHARES / shares, NICE_STEP)))


def set_priority(pid: int, nice: int) -> None:
    """Of every thread, and of the session's group that the kernel may have made. It may have ended, or we may not: only
    root makes anything more important again."""
    policy = os.SCHED_IDLE if nice > NICE_MAX else os.SCHED_OTHER
    nice = min(nice, NICE_MAX)
    with contextlib.suppress(OSError):
        for thread in map(int, os.listdir(f"/proc/{pid}/task")):
            if os.sched_getscheduler(thread) != policy:
                os.sched_setscheduler(thread, policy, os.sched_param(0))
            if os.getpriority(os.PRIO_PROCESS, thread) != nice:
                os.setpriority(os.PRIO_PROCESS, thread, nice)
    with contextlib.suppress(OSError), open(f"/proc/{pid}/autogroup", "r+b", buffering=0) as autogroup:
        if not autogroup.read(256).rstrip().endswith(b"nice %d" % nice):
            autogroup.write(b"%d" % nice)

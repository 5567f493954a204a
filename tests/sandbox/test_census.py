"""Who has programs and what they have used, with cells that are only said to have used it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox import census as census_module
from sandbox.census import Census
from sandbox.machine_load import MachineLoad
from sandbox.person import Person
from sandbox.standing import GUEST, STUDENT, Standings

STAFF = replace(STUDENT, kind="staff", goes_first=True)


class Cell:
    group = None

    def __init__(self) -> None:
        self.cpu = 0.0
        self.is_dead = False
        self.person: Person | None = None
        self.person_doors: list[int] = []
        self.watchers: list[Callable[[Any], None]] = []

    def cpu_seconds(self) -> float:
        return self.cpu

    def pids(self) -> list[int]:
        return []

    def die(self) -> None:
        self.is_dead = True
        for watcher in self.watchers:
            watcher(self)


class Sharing:
    """Notes who was weighed as what."""

    words = "not at all"
    favours_the_light = True
    counts_members = False

    def __init__(self) -> None:
        self.weighed: list[tuple[str, str, bool]] = []
        self.ended: list[str] = []
        self.fault: OSError | None = None
        self.kind_that_wears_off = ""

    def begin(self, person: Person, cell: Any) -> list[int]:
        if self.fault:
            raise self.fault
        return [7]

    def weigh(self, person: Person) -> None:
        self.weighed.append((person.owner, person.standing.kind, person.is_light))

    def wears_off(self, person: Person) -> bool:
        return person.standing.kind == self.kind_that_wears_off

    def end(self, person: Person) -> None:
        self.ended.append(person.owner)

    def close(self) -> None: ...


@pytest.fixture
async def census() -> Any:
    made = Census(Sharing(), Standings(), MachineLoad())
    yield made
    made.close()


def take_in(census: Census, owner: str = "somebody") -> Cell:
    cell = Cell()
    census.take_in(owner, cell)  # type: ignore[arg-type]
    return cell


async def test_a_cell_is_counted_until_it_is_dead(census: Census) -> None:
    first, second = take_in(census), take_in(census)
    assert first.person_doors == [7]
    first.cpu, second.cpu = 1.0, 2.0
    told = census.usage(everyone=False)["people"]["somebody"]
    assert (told["cpu_seconds"], told["runs"], told["kind"]) == (3.0, 2, "student")
    first.die()
    second.cpu = 2.5
    told = census.usage(everyone=False)["people"]["somebody"]
    assert (told["cpu_seconds"], told["runs"]) == (3.5, 1)
    second.die()
    assert census.sharing.ended == ["somebody"]  # type: ignore[attr-defined]
    third = take_in(census)
    third.cpu = 0.5
    assert census.usage(everyone=False)["people"]["somebody"]["cpu_seconds"] == 4.0


async def test_that_a_program_has_ended_is_not_yet_its_death(census: Census) -> None:
    cell = take_in(census)
    for watcher in cell.watchers:
        watcher(cell)
    assert census.usage(everyone=False)["people"]["somebody"]["runs"] == 1


async def test_nothing_is_counted_of_a_cell_that_could_not_be_taken_in(census: Census) -> None:
    census.sharing.fault = OSError("no more folders")  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="no more folders"):
        take_in(census)
    dead = Cell()
    dead.is_dead = True
    with pytest.raises(OSError, match="died before"):
        census.take_in("somebody", dead)  # type: ignore[arg-type]
    assert census.usage(everyone=True)["people"] == {}


async def test_only_those_who_were_here_lately_are_told_unless_all_are_asked_for(
    census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(census, "early").die()
    monkeypatch.setattr(census_module, "LATELY_SECONDS", -1.0)
    take_in(census, "here")
    assert list(census.usage(everyone=False)["people"]) == ["here"]
    assert sorted(census.usage(everyone=True)["people"]) == ["early", "here"]


async def test_of_thousands_of_people_the_longest_gone_are_forgotten(
    census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census_module, "REMEMBERED_MAX", 3)
    living = take_in(census, "living")
    for number in range(10):
        take_in(census, f"student{number}").die()
    take_in(census, "student7").die()
    assert list(census.absent) == ["student8", "student9", "student7"]
    living.die()
    assert "living" in census.absent


async def test_asking_for_somebody_keeps_nobody(census: Census) -> None:
    assert census.person("stranger").standing == STUDENT
    assert census.person("guest.1").standing == GUEST
    assert not census.present
    assert not census.absent


async def test_a_standing_changes_for_those_who_are_here_and_those_who_come(census: Census) -> None:
    take_in(census, "here")
    take_in(census, "gone").die()
    census.change(Standings(by_owner={"here": STAFF, "gone": STAFF}))
    assert census.sharing.weighed == [("here", "staff", True)]  # type: ignore[attr-defined]
    assert census.goes_first("gone")
    assert census.usage(everyone=True)["people"]["gone"]["kind"] == "staff"
    census.change(Standings())
    assert not census.goes_first("gone")


async def test_cpu_is_counted_for_the_kind_that_somebody_was(census: Census) -> None:
    cell = take_in(census)
    cell.cpu = 2.0
    census.change(Standings(by_owner={"somebody": STAFF}))
    cell.cpu = 5.0
    cell.die()
    assert census.usage(everyone=True)["cpu_seconds_by_kind"] == {"student": 2.0, "staff": 3.0}


async def test_who_computes_for_a_while_is_no_longer_light(census: Census) -> None:
    cell = take_in(census)
    assert census.timer is not None
    cell.cpu = 60.0
    census.look()
    census.look()
    assert census.sharing.weighed == [("somebody", "student", False)]  # type: ignore[attr-defined]
    cell.die()
    census.look()
    assert census.timer is None


async def test_guests_are_not_kept(census: Census) -> None:
    """Thousands of them come once; what they have used stays counted for their kind."""
    cell = take_in(census, "guest.1")
    cell.cpu = 2.0
    cell.die()
    told = census.usage(everyone=True)
    assert told["people"] == {}
    assert told["cpu_seconds_by_kind"] == {"guest": 2.0}


async def test_who_can_shake_it_off_is_weighed_again_and_again(census: Census) -> None:
    sharing: Any = census.sharing
    sharing.favours_the_light, sharing.kind_that_wears_off = False, "staff"
    take_in(census, "here")
    assert census.timer is None
    census.change(Standings(by_owner={"here": STAFF}))
    assert census.timer is not None
    census.look()
    census.look()
    assert len(sharing.weighed) == 3
    census.change(Standings())
    census.look()
    assert census.timer is None


async def test_people_are_looked_at_again_after_a_fault(census: Census, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(census)

    def fail(person: Person, now: float) -> bool:
        raise OSError("not now")

    with monkeypatch.context() as patch:
        patch.setattr(Person, "see", fail)
        with pytest.raises(OSError, match="not now"):
            census.look()
    assert census.timer is not None

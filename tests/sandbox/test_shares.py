"""How the processors are shared between people: what is written where. On folders that are none of the kernel's."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import shares
from sandbox.cgroups import Cgroups
from sandbox.person import Member, Person
from sandbox.shares import (
    WEIGHTS_OF_VERSION1,
    WEIGHTS_OF_VERSION2,
    ByJail,
    ByPerson,
    ByPriority,
    PersonGroup,
    Weights,
    nice_of,
    set_priority,
)
from sandbox.standing import GUEST, STUDENT, Standing
from tests.sandbox.jail import until

TARPIT = Standing("tarpit", 2, STUDENT.memory_bytes, STUDENT.processes, goes_first=False)
MOST_JAILS = 16 + 8 + 2  # programs, consoles and language servers of one person
ONLY_ROOT = "only root makes a process more important again"
SET = "set; from who is not root the kernel takes ten such words a second"
STAFF = Standing("staff", 700, STUDENT.memory_bytes, STUDENT.processes, goes_first=True)


class Group:
    """A jail's."""

    def __init__(self) -> None:
        self.weights: list[int] = []

    def weigh(self, weight: int) -> None:
        self.weights.append(weight)


class Cell:
    def __init__(self, *pids: int) -> None:
        self.group = Group()
        self.cpu = 0.0
        self.own_pids = list(pids)

    def cpu_seconds(self) -> float:
        return self.cpu

    def pids(self) -> list[int]:
        return self.own_pids


def person_with(*cells: Any, standing: Standing = STUDENT) -> Person:
    return Person("somebody", standing, {cell: Member(cell) for cell in cells})


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which new folders have the files that they have in the kernel's."""
    mkdir = Path.mkdir

    def as_the_kernel(path: Path, *args: Any, **options: Any) -> None:
        mkdir(path, *args, **options)
        for name in ("tasks", "cpu.shares"):
            (path / name).touch()

    def rmdir(folders: Any) -> bool:
        for folder in folders:
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        return True

    numbers = itertools.count()
    monkeypatch.setattr(shares, "token_hex", lambda size: str(next(numbers)))
    monkeypatch.setattr(Path, "mkdir", as_the_kernel)
    monkeypatch.setattr(shares, "remove_folders", rmdir)
    return tmp_path


def test_a_person_has_one_group_for_all_their_programs(people: Path) -> None:
    sharing, person, first, second = ByPerson(people), person_with(), Cell(), Cell()
    doors = [sharing.begin(person, cell) for cell in (first, second)]  # type: ignore[arg-type]
    assert doors[0] == doors[1]
    assert Path(f"/proc/self/fd/{doors[0][0]}").readlink() == people / "person-0" / "tasks"
    assert (people / "person-0" / "cpu.shares").read_text() == "30000"
    sharing.end(person)
    sharing.close()
    assert list(people.iterdir()) == []


def test_a_standing_that_changes_is_written(people: Path) -> None:
    sharing, person = ByPerson(people), person_with()
    sharing.begin(person, Cell())  # type: ignore[arg-type]
    (people / "person-0" / "cpu.shares").write_text("")
    person.standing = TARPIT
    sharing.weigh(person)
    assert (people / "person-0" / "cpu.shares").read_text() == "25"


def test_a_group_is_used_again_with_the_shares_of_whom_it_is_now(people: Path) -> None:
    sharing, first, second = ByPerson(people), person_with(standing=TARPIT), person_with(standing=STAFF)
    sharing.begin(first, Cell())  # type: ignore[arg-type]
    sharing.end(first)
    (people / "person-0" / "cpu.shares").write_text("")
    sharing.begin(second, Cell())  # type: ignore[arg-type]
    assert [folder.name for folder in people.iterdir()] == ["person-0"]
    assert (people / "person-0" / "cpu.shares").read_text() == "70000"


def test_groups_of_thousands_of_people_do_not_stay(people: Path) -> None:
    sharing = ByPerson(people)
    everybody = [person_with() for _ in range(shares.FREE_MAX + 20)]
    for person in everybody:
        sharing.begin(person, Cell())  # type: ignore[arg-type]
    for person in everybody:
        sharing.end(person)
    assert len(list(people.iterdir())) == shares.FREE_MAX


def test_a_folder_that_the_kernel_holds_is_removed_later(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "FREE_MAX", 0)
    rmdir = shares.remove_folders
    monkeypatch.setattr(shares, "remove_folders", lambda folders: False)
    sharing, first, second = ByPerson(people), person_with(), person_with()
    for person in (first, second):
        sharing.begin(person, Cell())  # type: ignore[arg-type]
    sharing.end(first)
    assert len(list(people.iterdir())) == 2
    monkeypatch.setattr(shares, "remove_folders", rmdir)
    sharing.end(second)
    assert list(people.iterdir()) == []


def test_no_descriptor_is_left_of_a_group_that_could_not_be_made(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="tasks"):
        PersonGroup(tmp_path / "person-0")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(tmp_path.iterdir()) == []


def test_a_share_is_divided_among_the_programs_that_work() -> None:
    busy, also_busy, idle = Cell(), Cell(), Cell()
    person, sharing = person_with(busy, also_busy, idle), ByJail(WEIGHTS_OF_VERSION2)
    sharing.weigh(person)
    assert [cell.group.weights[-1] for cell in (busy, also_busy, idle)] == [3500, 3500, 3500]
    busy.cpu = also_busy.cpu = 0.5
    for member in person.members.values():
        member.look(1.0)
    sharing.weigh(person)
    assert [cell.group.weights[-1] for cell in (busy, also_busy, idle)] == [5250, 5250, 5250]


def test_weights_are_what_the_kernel_takes() -> None:
    cells = [Cell() for _ in range(64)]
    ByJail(WEIGHTS_OF_VERSION2).weigh(person_with(*cells, standing=TARPIT))
    assert cells[0].group.weights == [1]
    largest = Standing("root", 10_000, 1, 1, goes_first=True)
    ByJail(WEIGHTS_OF_VERSION2).weigh(person_with(cells[0], standing=largest))
    assert cells[0].group.weights[-1] == 10_000
    ByJail(WEIGHTS_OF_VERSION1).weigh(person_with(cells[0], standing=largest))
    assert cells[0].group.weights[-1] == 262_144


@pytest.mark.parametrize("weights", [WEIGHTS_OF_VERSION1, WEIGHTS_OF_VERSION2])
@pytest.mark.parametrize("jails", [1, 2, 8, MOST_JAILS])
def test_the_tarpit_is_deep_however_many_programs_somebody_has_in_it(weights: Weights, jails: int) -> None:
    working, others = Cell(), [Cell() for _ in range(jails)]
    student = person_with(working)
    student.is_light = False
    sharing = ByJail(weights)
    sharing.weigh(student)
    sharing.weigh(person_with(*others, standing=TARPIT))
    assert working.group.weights[-1] >= 50 * sum(cell.group.weights[-1] for cell in others)


@pytest.mark.parametrize("weights", [WEIGHTS_OF_VERSION1, WEIGHTS_OF_VERSION2])
def test_weights_leave_room_for_whoever_is_light(weights: Weights) -> None:
    light, working = Cell(), Cell()
    sharing, student = ByJail(weights), person_with(working)
    student.is_light = False
    sharing.weigh(student)
    sharing.weigh(person_with(light))
    assert light.group.weights[-1] > 7 * working.group.weights[-1]


def test_who_has_used_little_lately_has_more_than_who_has_computed_for_a_while(people: Path) -> None:
    """And again after a rest. The moments are seconds of a clock."""
    cell = Cell()
    sharing, person = ByPerson(people), person_with(cell)
    told = []
    for moment, cpu_seconds in ((0, 0.0), (1, 1.9), (2, 3.8), (3, 5.7), (60, 5.7)):
        cell.cpu = cpu_seconds
        person.see(moment)
        sharing.begin(person, cell)  # type: ignore[arg-type]
        told.append((people / "person-0" / "cpu.shares").read_text())
        (people / "person-0" / "cpu.shares").write_text("")
    assert told == ["30000", "", "3750", "", "30000"]


def test_short_programs_now_and_then_are_light() -> None:
    cell = Cell()
    person = person_with(cell)
    for moment in range(0, 600, 5):
        cell.cpu += 0.5
        assert not person.see(moment)
    assert person.is_light


def test_the_tarpit_is_never_light(people: Path) -> None:
    sharing, person = ByPerson(people), person_with(standing=TARPIT)
    sharing.begin(person, Cell())  # type: ignore[arg-type]
    assert person.is_light
    assert (people / "person-0" / "cpu.shares").read_text() == "25"


def guest(number: int) -> Person:
    return Person(f"guest.{number}", GUEST, {cell: Member(cell) for cell in (Cell(),)})  # type: ignore[arg-type, dict-item]


def test_all_guests_together_have_less_than_one_student_who_computes(people: Path) -> None:
    sharing, student = ByPerson(people), person_with(Cell())
    student.is_light = False
    guests = [guest(number) for number in range(16)]
    for person in (student, *guests):
        sharing.begin(person, next(iter(person.members)))
    assert all(person.is_light for person in guests)
    assert sum(person.group.shares for person in guests) == pytest.approx(student.group.shares / 2, rel=0.01)


@pytest.mark.parametrize("sharing", [ByJail(WEIGHTS_OF_VERSION2), ByPriority()], ids=["weights", "priorities"])
def test_a_guest_who_leaves_makes_room_for_the_others(sharing: ByJail | ByPriority) -> None:
    first, second = guest(1), guest(2)
    for person in (first, second):
        sharing.begin(person, next(iter(person.members)))
    assert (first.sharers, second.sharers) == (2, 2)
    second.members.clear()
    sharing.end(second)
    assert first.sharers == 1


def test_a_guest_who_got_no_jail_does_not_count() -> None:
    sharing, first, second, third = ByJail(WEIGHTS_OF_VERSION2), guest(1), guest(2), guest(3)
    for person in (first, second):
        sharing.begin(person, next(iter(person.members)))
    second.members.clear()
    sharing.begin(third, next(iter(third.members)))
    assert (first.sharers, third.sharers) == (2, 2)
    assert next(iter(first.members)).group.weights[-1] == round(150 / 8 / 2 * WEIGHTS_OF_VERSION2.factor)  # type: ignore[union-attr, attr-defined]


@pytest.mark.parametrize(("share", "nice"), [(700, 0), (10_000, 0), (300, 4), (150, 7), (75, 10), (2, 26)])
def test_nice_follows_the_shares(share: float, nice: int) -> None:
    assert nice_of(share) == nice


@pytest.fixture
def program() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True) as running:
        yield running


def test_priorities_are_set(program: subprocess.Popen[bytes]) -> None:
    ByPriority().weigh(person_with(Cell(program.pid)))
    assert os.getpriority(os.PRIO_PROCESS, program.pid) == 4
    assert os.sched_getscheduler(program.pid) == os.SCHED_OTHER
    ByPriority().weigh(person_with(Cell(program.pid), standing=TARPIT))
    assert os.sched_getscheduler(program.pid) == os.SCHED_IDLE


@pytest.mark.skips_in_ci(ONLY_ROOT)
@pytest.mark.skipif(os.geteuid() != 0, reason=ONLY_ROOT)
def test_priorities_come_back(program: subprocess.Popen[bytes]) -> None:
    for standing, nice in ((TARPIT, 19), (STAFF, 0)):
        ByPriority().weigh(person_with(Cell(program.pid), standing=standing))
        assert os.getpriority(os.PRIO_PROCESS, program.pid) == nice
    assert os.sched_getscheduler(program.pid) == os.SCHED_OTHER


def test_the_priority_of_the_session_is_set_where_the_kernel_has_one(program: subprocess.Popen[bytes]) -> None:
    autogroup = Path(f"/proc/{program.pid}/autogroup")
    if not autogroup.exists() or not autogroup.read_text():
        pytest.skip("this kernel makes no groups of sessions")

    def is_set() -> bool:
        set_priority(program.pid, 7)
        return autogroup.read_text().rstrip().endswith("nice 7")

    until(is_set, SET)


def test_who_has_less_than_others_is_held_to_it() -> None:
    """A child that begins a session of its own is in a group of the kernel's that nobody has made less important."""
    sharing = ByPriority()
    assert sharing.wears_off(person_with(standing=TARPIT))
    assert sharing.wears_off(person_with(standing=GUEST))
    assert not sharing.wears_off(person_with())


def test_a_session_of_its_own_is_no_way_out(program: subprocess.Popen[bytes]) -> None:
    autogroup = Path(f"/proc/{program.pid}/autogroup")
    if not autogroup.exists() or not autogroup.read_text():
        pytest.skip("this kernel makes no groups of sessions")
    sharing, person = ByPriority(), person_with(Cell(program.pid), standing=TARPIT)
    sharing.weigh(person)
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True) as child:
        assert Path(f"/proc/{child.pid}/autogroup").read_text().rstrip().endswith("nice 0")
        person.members = {cell: Member(cell) for cell in [Cell(program.pid, child.pid)]}  # type: ignore[misc]

        def is_set() -> bool:
            sharing.weigh(person)
            return Path(f"/proc/{child.pid}/autogroup").read_text().rstrip().endswith("nice 19")

        until(is_set, SET)


def test_a_process_that_is_gone_has_no_priority(program: subprocess.Popen[bytes]) -> None:
    program.kill()
    program.wait()
    set_priority(program.pid, 7)


def test_one_way_is_chosen() -> None:
    assert isinstance(shares.choose_sharing(Cgroups()), ByPriority)

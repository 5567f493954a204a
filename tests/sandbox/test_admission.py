"""Who may start a program while the machine is short of memory."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import admission
from sandbox.admission import Admission
from sandbox.faults import MachineShort
from sandbox.limits import MIB

RESERVE = 512 * MIB
PLENTY = 8192 * MIB
ROOM_FOR_ONE = RESERVE + MIB


class Machine:
    """One whose memory is whatever the test says, looked at each time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *first: str) -> None:
        monkeypatch.setattr(admission, "LOOK_SECONDS", 0.005)
        monkeypatch.setattr(admission, "PATIENCE_SECONDS", 30.0)
        self.available_bytes = PLENTY
        self.admission = Admission(lambda: self.available_bytes, RESERVE, lambda owner: owner in first)
        self.order: list[str] = []

    async def ask(self, owner: str) -> None:
        if not self.admission.admits(owner):
            await self.admission.wait(owner)
        self.order.append(owner)

    async def queue(self, *owners: str) -> list[asyncio.Task[None]]:
        """They wait, in this order."""
        tasks = []
        for owner in owners:
            tasks.append(asyncio.create_task(self.ask(owner)))
            await asyncio.sleep(0)
        return tasks

    async def become_large(self, available_bytes: int) -> None:
        await asyncio.sleep(0.006)  # what is known of the memory grows old
        self.available_bytes = available_bytes


async def test_nobody_waits_where_there_is_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    assert all(machine.admission.admits(str(number)) for number in range(100))
    assert not machine.admission.places


async def test_they_wait_and_are_let_in_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b", "c")
    assert machine.admission.waiting_count == 3
    assert machine.order == []
    await machine.become_large(ROOM_FOR_ONE)
    await asyncio.gather(*tasks)
    assert machine.order == ["a", "b", "c"]
    assert not machine.admission.places


async def test_some_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, "lecturer")
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b", "lecturer")
    await machine.become_large(ROOM_FOR_ONE)
    await asyncio.gather(*tasks)
    assert machine.order == ["lecturer", "a", "b"]


async def test_guests_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or who starts many, each of them somebody new, would stand before everybody who has an account."""
    machine = Machine(monkeypatch, "lecturer")
    machine.available_bytes = 0
    tasks = await machine.queue("guest.1", "guest.2", "a", "lecturer")
    assert machine.admission.ahead_of("b") == 2
    await machine.become_large(ROOM_FOR_ONE)
    await asyncio.gather(*tasks)
    assert machine.order == ["lecturer", "a", "guest.1", "guest.2"]


async def test_people_take_turns_however_many_programs_one_of_them_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.available_bytes = 0
    tasks = await machine.queue("a", "a", "a", "b")
    await machine.become_large(ROOM_FOR_ONE)
    await asyncio.gather(*tasks)
    assert machine.order == ["a", "b", "a", "a"]


async def test_who_comes_does_not_pass_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b")
    machine.admission.known_until = 0.0
    machine.available_bytes = ROOM_FOR_ONE
    assert not machine.admission.admits("c")
    await asyncio.gather(*tasks)


async def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are told how many are before them, and keep their places."""
    machine = Machine(monkeypatch)
    monkeypatch.setattr(admission, "PATIENCE_SECONDS", 0.02)
    machine.available_bytes = 0
    faults = await asyncio.gather(*await machine.queue("a", "b", "c"), return_exceptions=True)
    assert [fault.ahead for fault in faults if isinstance(fault, MachineShort)] == [0, 1, 2]
    [first, *_, last] = map(str, faults)
    assert first == "This server is short of memory. Try again in 5 seconds: your place is kept."
    assert last == "This server is short of memory; 2 wait before you. Try again in 5 seconds: your place is kept."
    await machine.become_large(ROOM_FOR_ONE)
    assert not machine.admission.admits("stranger")
    assert not machine.admission.admits("b")
    assert machine.admission.admits("a")


async def test_a_place_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    monkeypatch.setattr(admission, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(admission, "PLACE_KEPT_SECONDS", 0.02)
    machine.available_bytes = 0
    with pytest.raises(MachineShort):
        await machine.ask("a")
    await asyncio.sleep(0.03)
    await machine.become_large(ROOM_FOR_ONE)
    assert machine.admission.admits("stranger")


async def test_who_goes_away_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.available_bytes = 0
    [task] = await machine.queue("a")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not machine.admission.places


async def test_the_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    monkeypatch.setattr(admission, "LINE_MAX", 2)
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b", "c")
    with pytest.raises(MachineShort, match="2 wait before you"):
        await tasks[2]
    for task in tasks:
        task.cancel()


async def test_who_goes_first_may_stand_in_a_line_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, "lecturer")
    monkeypatch.setattr(admission, "LINE_MAX", 2)
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b", "lecturer")
    await machine.become_large(ROOM_FOR_ONE)
    await asyncio.gather(*tasks)
    assert machine.order == ["lecturer", "a", "b"]


async def test_the_line_goes_on_after_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    faults: list[OSError] = []
    machine.admission.loop.set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    machine.available_bytes = 0
    tasks = await machine.queue("a", "b")

    def fail_once() -> int:
        machine.admission.memory_available_bytes = lambda: ROOM_FOR_ONE
        raise OSError("not now")

    machine.admission.memory_available_bytes = fail_once
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)
    assert len(faults) == 1

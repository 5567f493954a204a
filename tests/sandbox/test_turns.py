"""Whose turn it is, decided without a process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sandbox.turns import QueueFull, Turns


def make(running: int = 2, of_owner: int = 1, waiting: int = 3, waiting_of_owner: int = 2) -> Turns[str]:
    return Turns(running, of_owner, waiting, waiting_of_owner)


def test_it_starts_while_there_is_room() -> None:
    turns = make()
    assert turns.enter("a", "a1")
    assert turns.enter("b", "b1")
    assert turns.running_count == 2


def test_it_waits_when_everything_is_taken() -> None:
    turns = make()
    turns.enter("a", "a1")
    turns.enter("b", "b1")
    assert not turns.enter("c", "c1")
    assert turns.leave("a") == ["c1"]
    assert turns.waiting_count == 0


def test_one_owner_does_not_take_every_place() -> None:
    turns = make()
    turns.enter("a", "a1")
    assert not turns.enter("a", "a2")
    assert turns.enter("b", "b1")


def test_owners_take_turns() -> None:
    """However many one of them has waiting."""
    turns = make(running=1, of_owner=1, waiting=9, waiting_of_owner=9)
    turns.enter("a", "a0")
    for item in ("a1", "a2", "a3", "b1", "c1", "b2"):
        turns.enter(item[0], item)
    order = []
    owner = "a"
    while called := turns.leave(owner):
        order += called
        owner = called[0][0]
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_nobody_overtakes_his_own() -> None:
    turns = make(running=3, of_owner=2, waiting=9, waiting_of_owner=9)
    turns.enter("a", "a1")
    turns.enter("a", "a2")
    turns.enter("a", "a3")
    turns.enter("b", "b1")
    assert turns.leave("b") == []
    assert not turns.enter("a", "a4")
    assert turns.leave("a") == ["a3"]


@pytest.mark.parametrize(("waiting", "of_owner", "owners"), [(2, 9, "bcd"), (9, 1, "bb")])
def test_it_is_full(waiting: int, of_owner: int, owners: str) -> None:
    turns = make(running=1, waiting=waiting, waiting_of_owner=of_owner)
    turns.enter("a", "a1")
    for owner in owners[:-1]:
        assert not turns.enter(owner, owner)
    with pytest.raises(QueueFull) as full:
        turns.enter(owners[-1], "too much")
    assert full.value.retry_after_seconds >= 1


def test_who_gives_up_is_not_called() -> None:
    turns = make(running=1)
    turns.enter("a", "a1")
    turns.enter("b", "b1")
    turns.give_up("b", "b1")
    assert turns.leave("a") == []
    assert not turns.waiting


def test_giving_up_what_never_waited() -> None:
    turns = make()
    turns.give_up("nobody", "nothing")
    assert turns.enter("a", "a1")


@given(some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from(["enter", "leave", "give up"])), max_size=60))
def test_nothing_is_lost_and_no_bound_is_crossed(steps: list[tuple[str, str]]) -> None:
    turns = make(running=3, of_owner=2, waiting=4, waiting_of_owner=2)
    entered: set[str] = set()
    started: list[str] = []
    refused: set[str] = set()
    gone: set[str] = set()
    running: dict[str, int] = dict.fromkeys("abc", 0)
    for number, (owner, step) in enumerate(steps):
        item = f"{owner}{number}"
        if step == "enter":
            entered.add(item)
            try:
                called = [item] if turns.enter(owner, item) else []
            except QueueFull:
                refused.add(item)
                called = []
        elif step == "leave" and running[owner]:
            running[owner] -= 1
            called = turns.leave(owner)
        else:
            waiting = turns.waiting.get(owner)
            if waiting:
                gone.add(waiting[-1])
                turns.give_up(owner, waiting[-1])
            called = []
        for one in called:
            running[one[0]] += 1
            started.append(one)
        assert sum(running.values()) == turns.running_count <= 3
        assert max(running.values()) <= 2
        assert turns.waiting_count <= 4
        waits = {item for line in turns.waiting.values() for item in line}
        assert waits | set(started) | refused | gone == entered
        assert len(started) == len(set(started))
        assert not any(turns.has_room(owner) for owner in turns.waiting)


def test_some_go_first_and_may_wait_where_the_queue_is_full() -> None:
    turns = Turns[str](1, 1, 2, 2, goes_first=lambda owner: owner == "lecturer")
    for item in ("a1", "b1", "c1", "lecturer1"):
        turns.enter(item.rstrip("1"), item)
    with pytest.raises(QueueFull) as full:
        turns.enter("d", "d1")
    assert full.value.ahead == 3
    assert turns.leave("a") == ["lecturer1"]
    assert turns.leave("lecturer") == ["b1"]


def test_who_goes_first_has_some_turns_more() -> None:
    turns = Turns[str](2, 9, 0, 0, goes_first=lambda owner: owner == "lecturer", has_reserve=True)
    assert turns.enter("a", "a1")
    assert turns.enter("b", "b1")
    with pytest.raises(QueueFull):
        turns.enter("c", "c1")
    assert turns.enter("lecturer", "lecturer1")
    with pytest.raises(QueueFull):
        turns.enter("lecturer", "lecturer2")

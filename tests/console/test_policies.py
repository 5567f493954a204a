"""Which console somebody gets: one that is there, or a new one."""

from __future__ import annotations

import pytest

from console.policies import Named, Single, TooMany, Unique
from sandbox.outcome import Ended, Outcome
from tests.console.conftest import about, make_info

OVER = Outcome(Ended.FINISHED, 0, None, 0.1, 1.0, None)


def named(*names: str, policy: str = "named", **changes):
    return [make_info(name, about=about(name, policy), **changes) for name in names]


class TestSingle:
    def test_the_first_is_new(self) -> None:
        assert Single().choose("", named("1")) == "single"

    def test_then_it_is_everybodys(self) -> None:
        [session] = named("single", policy="single")
        assert Single().choose("", [session]) is session
        assert Single().choose("whatever", [session]) is session

    def test_one_that_is_over_is_replaced(self) -> None:
        assert Single().choose("", named("single", policy="single", outcome=OVER)) == "single"


class TestUnique:
    def test_always_a_new_one(self) -> None:
        assert Unique(3).choose("", named("1", "2", policy="unique")) == "3"

    def test_up_to_its_maximum(self) -> None:
        with pytest.raises(TooMany, match="You have 2 consoles"):
            Unique(2).choose("", named("1", "2", policy="unique"))

    def test_others_do_not_count(self) -> None:
        assert Unique(1).choose("", named("1", "2")) == "3"


class TestNamed:
    def test_without_a_name_a_new_one(self) -> None:
        assert Named(5).choose("", named("1", "3")) == "2"

    def test_get_or_create(self) -> None:
        sessions = named("1", "work")
        assert Named(5).choose("work", sessions) is sessions[1]
        assert Named(5).choose("play", sessions) == "play"

    def test_up_to_its_maximum_of_whatever_kind(self) -> None:
        with pytest.raises(TooMany, match="End one first"):
            Named(2).choose("", named("1") + named("2", policy="unique"))

    def test_getting_one_is_possible_at_the_maximum(self) -> None:
        [session] = named("work")
        assert Named(1).choose("work", [session]) is session

    def test_those_that_are_over_take_no_room(self) -> None:
        assert Named(1).choose("", named("1", outcome=OVER)) == "2"
        assert Named(1).choose("", named("1", fault="lost")) == "2"

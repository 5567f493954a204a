"""Standings as they travel."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sandbox.faults import SandboxRefused
from sandbox.standing import GUEST, STUDENT, Standings, as_text, from_text


def test_they_travel_whole() -> None:
    told = {"ann": STUDENT, "bob": replace(STUDENT, shares=700, goes_first=True), "guest.1": GUEST, "cy": STUDENT}
    assert from_text(as_text(told).encode()) == told
    assert from_text(as_text({}).encode()) == {}


def test_many_with_the_same_standing_are_short() -> None:
    told = {f"student{number}": STUDENT for number in range(10_000)}
    assert len(as_text(told)) < 20 * len(told)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": ""},
        {"kind": "x" * 33},
        {"kind": 7},
        {"kind": []},
        {"shares": 0},
        {"shares": 10_001},
        {"shares": 1.5},
        {"shares": True},
        {"shares": "300"},
        {"memory_bytes": -1},
        {"processes": None},
        {"goes_first": 1},
        {"more": 1},
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    content = {"standings": [STUDENT.as_message() | change], "owners": {"ann": 0}}
    with pytest.raises(SandboxRefused):
        from_text(json.dumps(content).encode())


def test_whose_is_whose() -> None:
    standings = Standings(by_owner={"ann": replace(STUDENT, kind="staff")})
    assert standings.of("ann").kind == "staff"
    assert standings.of("bob") == STUDENT
    assert standings.of("guest.1f") == GUEST
    assert standings.of("guest") == STUDENT

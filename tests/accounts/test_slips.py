"""A slip holds for one person and one wish, for a while."""

from __future__ import annotations

import pytest

from accounts import slips
from accounts.slips import holds, write_slip

WISH = "run a.py"


@pytest.fixture
def slip(student) -> str:
    return write_slip(student, WISH)


def test_it_holds(student, slip) -> None:
    assert holds(slip, student, WISH)


def test_nobody_else_can_use_it(slip, classmate) -> None:
    assert not holds(slip, classmate, WISH)


def test_it_is_for_nothing_else(slip, student) -> None:
    assert not holds(slip, student, "run b.py")


def test_it_ends(student, slip, monkeypatch) -> None:
    now = slips.time.time()
    monkeypatch.setattr(slips.time, "time", lambda: now + slips.SECONDS + 1)
    assert not holds(slip, student, WISH)


def test_a_new_password_ends_it(student, slip) -> None:
    student.set_password("another")
    assert not holds(slip, student, WISH)


def test_it_cannot_be_given_more_time(student, slip) -> None:
    ends, _, rest = slip.partition(".")
    assert not holds(f"{int(ends) + 1}.{rest}", student, WISH)


@pytest.mark.parametrize("forged", ["", ".", "1", "9999999999." + "A" * 43, "9999999999." + "ä" * 43, "x" * 10_000])
def test_what_was_made_up(student, forged) -> None:
    assert not holds(forged, student, WISH)

"""The pause schedule and the verdicts, without a process."""

from __future__ import annotations

import pytest

from ivle.restarts import BOOT_TRIES, CANNOT_WORK_HERE, PAUSES_SECONDS, Verdict, deaths_in_a_row, pause_seconds, verdict


def test_pauses_grow_to_a_ceiling() -> None:
    pauses = [pause_seconds(deaths) for deaths in range(1, 50)]
    assert pauses == sorted(pauses)
    assert pauses[0] == PAUSES_SECONDS[0]
    assert pauses[-1] == 30


@pytest.mark.parametrize(
    ("exit_status", "ever_ready", "deaths", "expected"),
    [
        (1, False, 1, Verdict.RESTART),
        (1, False, BOOT_TRIES, Verdict.GIVE_UP),
        (0, False, BOOT_TRIES, Verdict.GIVE_UP),
        (1, True, BOOT_TRIES, Verdict.RESTART),
        (-9, True, 1000, Verdict.RESTART),
        (CANNOT_WORK_HERE, False, 1, Verdict.LEAVE),
        (CANNOT_WORK_HERE, True, 1, Verdict.LEAVE),
    ],
)
def test_verdict(exit_status: int, ever_ready: bool, deaths: int, expected: Verdict) -> None:
    assert verdict(exit_status, ever_ready, deaths) is expected


def test_a_long_life_is_a_new_beginning() -> None:
    assert deaths_in_a_row(5, ready_seconds=0) == 6
    assert deaths_in_a_row(5, ready_seconds=9) == 6
    assert deaths_in_a_row(5, ready_seconds=11) == 1

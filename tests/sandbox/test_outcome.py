"""How a run ended, decided from what is known of it; and how it travels."""

from __future__ import annotations

import signal

import pytest

from sandbox.keeper import ending_signal, exit_status, how_it_ended
from sandbox.limits import CGI
from sandbox.outcome import Ended, Outcome

EXITED_0, EXITED_3 = 0, 3 << 8
KILLED, ABORTED, XCPU = signal.SIGKILL, signal.SIGABRT, signal.SIGXCPU
CORE_FLAG = 0x80


@pytest.mark.parametrize(
    ("why", "status", "kills", "cpu_seconds", "wanted"),
    [
        (None, EXITED_0, 0, 0.1, Ended.FINISHED),
        (None, EXITED_3, 0, 0.1, Ended.FINISHED),
        (None, EXITED_3, 1, 0.1, Ended.FINISHED),  # a child was too greedy; the program coped
        (None, 139 << 8, 0, 0.1, Ended.FINISHED),  # a number, not a signal
        (None, ABORTED, 0, 0.1, Ended.CRASHED),
        (None, ABORTED | CORE_FLAG, 0, 0.1, Ended.CRASHED),
        (None, KILLED, 0, 0.1, Ended.CRASHED),  # by itself
        (None, KILLED, 1, 0.1, Ended.MEMORY),
        (None, None, 1, 0.1, Ended.MEMORY),  # and init with it
        (None, ABORTED, 1, 0.1, Ended.CRASHED),
        (None, XCPU, 0, 1.0, Ended.CPU),
        (None, KILLED, 0, 1.5, Ended.CPU),  # the kernel's own limit
        (None, None, 0, 0.1, None),  # init died, and nobody knows why
        (Ended.WALL, None, 0, 0.1, Ended.WALL),
        (Ended.WALL, EXITED_0, 0, 0.1, Ended.WALL),
        (Ended.CPU, None, 1, 1.0, Ended.CPU),  # the first reason counts
        (Ended.KILLED, KILLED, 0, 5.0, Ended.KILLED),
        (Ended.OUTPUT, None, 0, 0.1, Ended.OUTPUT),
    ],
)
def test_how_it_ended(
    why: Ended | None, status: int | None, kills: int, cpu_seconds: float, wanted: Ended | None
) -> None:
    assert how_it_ended(why, status, kills, cpu_seconds, CGI) is wanted


@pytest.mark.parametrize(
    ("status", "exited", "by_signal"),
    [(None, None, None), (EXITED_0, 0, None), (EXITED_3, 3, None), (255 << 8, 255, None), (KILLED, None, 9),
     (ABORTED | CORE_FLAG, None, 6)],
)  # fmt: skip
def test_status(status: int | None, exited: int | None, by_signal: int | None) -> None:
    assert exit_status(status) == exited
    assert ending_signal(status) == by_signal


@pytest.mark.parametrize("ended", Ended)
def test_it_arrives_as_it_was_sent(ended: Ended) -> None:
    outcome = Outcome(ended, 3, None, 0.5, 1.5, None)
    assert Outcome.from_message(outcome.as_message()) == outcome

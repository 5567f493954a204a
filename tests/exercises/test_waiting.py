"""Whose fault it is that a program's wall clock ran out: its own where it slept, ours where no processor was free."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import pytest

from exercises.jails import Jail
from sandbox.faults import SandboxBusy
from sandbox.outcome import Ended, Outcome


@dataclass
class Run:
    """In place of the supervisor's."""

    ended: Outcome

    async def outcome(self) -> Outcome:
        return self.ended

    def close(self) -> None:
        """Nothing runs."""


async def end_of(ended: Ended, waited_seconds: float) -> Outcome:
    ours, theirs = socket.socketpair()
    (stdout, to_stdout), (stderr, to_stderr) = os.pipe(), os.pipe()
    theirs.close()
    os.close(to_stdout)
    os.close(to_stderr)
    outcome = Outcome(ended, None, None, 0.5, 9.0, None, waited_seconds)
    async with Jail(Run(outcome), ours, stdout, stderr) as jail:  # type: ignore[arg-type]
        return (await jail.end()).outcome


async def test_a_machine_that_was_full_is_no_fault_of_the_submission() -> None:
    with pytest.raises(SandboxBusy):
        await end_of(Ended.WALL, waited_seconds=3.0)


@pytest.mark.parametrize(("ended", "waited_seconds"), [(Ended.WALL, 2.9), (Ended.FINISHED, 8.0), (Ended.CPU, 8.0)])
async def test_what_it_did_itself_is_its_result(ended: Ended, waited_seconds: float) -> None:
    assert (await end_of(ended, waited_seconds)).ended is ended

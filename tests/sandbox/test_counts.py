"""What the supervisor counts, tells of recent ends, and says in its log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox import counts, machine, saying
from sandbox.counts import START_BOUNDS_SECONDS, Counts, Entry
from sandbox.faults import MachineShort, SandboxBusy, SandboxError, SandboxRefused
from sandbox.job import Job
from sandbox.limits import CGI
from sandbox.outcome import Ended, Outcome
from tests.sandbox.console import Console, with_consoles
from tests.sandbox.jail import QUICK, WAIT, Jail, Running, until

jail = with_consoles
OUTCOME = Outcome(Ended.FINISHED, 0, None, cpu_seconds=0.25, wall_seconds=1.0, memory_bytes=None)


def counted(jail: Jail) -> dict[str, Any]:
    status = asyncio.run(machine.status(jail.installation.socket))
    found: dict[str, Any] = status["counts"]
    return found


def own_ends(jail: Jail) -> list[dict[str, Any]]:
    return [end for end in asyncio.run(machine.recent(jail.installation.socket)) if end["owner"] == jail.owner]


def homeless(jail: Jail) -> Job:
    return Job(jail.owner, ("/dev/null",), "/home/student", CGI, has_home=False)


def test_every_entry_and_every_end_is_counted(jail: Jail) -> None:
    before = counted(jail)
    jail.run("print(1)")
    jail.run("while True: pass", limits=QUICK)
    Running(jail.loop, jail.installation, homeless(jail), b"", None).result()
    after = counted(jail)
    changes = {
        (entry, how): number - before["outcomes"][entry].get(how, 0)
        for entry, hows in after["outcomes"].items()
        for how, number in hows.items()
    }
    assert {change: number for change, number in changes.items() if number} == {
        ("run", "finished"): 1,
        ("run", "cpu"): 1,
        ("test", "finished"): 1,
    }
    assert after["starts"]["run"]["within"][-1] - before["starts"]["run"]["within"][-1] == 2
    assert after["cpu_seconds"]["run"] - before["cpu_seconds"]["run"] >= QUICK.cpu_seconds
    assert after["boot"] == before["boot"]


async def test_consoles_are_counted_when_their_program_ends(jail: Jail) -> None:
    console = Console(jail)
    before = (await machine.status(console.socket))["counts"]
    await console.open()
    await console.end()
    after = (await machine.status(console.socket))["counts"]
    assert after["starts"]["console"]["within"][-1] == before["starts"]["console"]["within"][-1] + 1
    assert after["outcomes"]["console"]["killed"] == before["outcomes"]["console"].get("killed", 0) + 1


def test_recent_ends_say_whose_and_how_and_nothing_of_what_was_run(jail: Jail) -> None:
    jail.run("import sys; print('a secret'); sys.exit('another')", name="secret-name.py")
    [end] = own_ends(jail)
    assert (end["entry"], end["ended"], end["exit_status"]) == ("run", "finished", 1)
    assert len(end["job"]) == 12
    assert "secret" not in json.dumps(end)


def test_refusals_are_counted_by_their_reason(start: Callable[..., Jail]) -> None:
    jail = start(most_running=1, most_waiting=0)
    running = jail.begin(WAIT)
    running.wait_for(b"up")
    with pytest.raises(SandboxBusy):
        jail.run("")
    assert counted(jail)["refusals"]["run"] == {"busy": 1}
    assert [end["ended"] for end in own_ends(jail)] == ["busy"]
    running.stop()
    running.result()


def test_an_owner_s_programs_are_told_and_ended(start: Callable[..., Jail]) -> None:
    """Those that run and those that wait; nobody else's."""
    jail = start(most_running=2, most_running_of_owner=1)
    other = jail.beside()
    first, others = jail.begin(WAIT), other.begin(WAIT)
    first.wait_for(b"up")
    others.wait_for(b"up")
    waiting = jail.begin(WAIT)
    socket = jail.installation.socket
    until(lambda: asyncio.run(machine.owners(socket))[jail.owner]["waiting"], "one that waits")
    assert asyncio.run(machine.owners(socket)) == {
        jail.owner: {"running": 1, "waiting": 1, "services": 0},
        other.owner: {"running": 1, "waiting": 0, "services": 0},
    }
    assert asyncio.run(machine.end_all_of(socket, jail.owner)) == 2
    assert first.result().outcome.ended is Ended.KILLED
    with pytest.raises(SandboxRefused, match="administrator"):
        waiting.result()
    assert others.run.stop() is None
    others.result()
    assert asyncio.run(machine.owners(socket)) == {}


async def test_an_owner_s_consoles_are_ended(jail: Jail) -> None:
    console = Console(jail)
    await console.open()
    assert await machine.end_all_of(console.socket, jail.owner) == 1
    page = await console.attach()
    assert (await page.until_ended()).ended is Ended.KILLED
    await console.end()


def test_a_supervisor_says_json(start: Callable[..., Jail]) -> None:
    jail = start(log_format="json", log_tells=True)
    jail.run("print('a secret')")
    [line] = [line for line in jail.installation.log.read_text().splitlines() if jail.owner in line]
    told = json.loads(line)
    assert (told["level"], told["program"], told["entry"], told["ended"]) == ("INFO", "supervisor", "run", "finished")
    assert "secret" not in line


def test_a_start_is_counted_in_its_bound() -> None:
    starts = counts.Starts()
    for seconds in (0.001, 0.0011, 99.0):
        starts.add(seconds)
    within = starts.as_message()["within"]
    assert within[:2] == [1, 2]
    assert within[-2:] == [2, 3]
    assert len(within) == len(START_BOUNDS_SECONDS) + 1


def test_the_ring_is_bounded() -> None:
    kept = Counts()
    for number in range(1000):
        kept.ended(Entry.RUN, "student", str(number), OUTCOME)
    assert len(kept.recent) == counts.RECENT_MAX
    assert kept.outcomes[Entry.RUN]["finished"] == 1000
    assert kept.cpu_seconds[Entry.RUN] == 250


def test_our_faults_are_no_refusals() -> None:
    kept = Counts()
    kept.refused(Entry.TEST, "student", "", SandboxError("the jail was lost"))
    kept.refused(Entry.TEST, "student", "", SandboxBusy("later", 3))
    assert kept.outcomes[Entry.TEST] == {"fault": 1}
    assert kept.refusals[Entry.TEST] == {"busy": 1}


def test_who_waits_and_asks_again_does_not_crowd_the_others_out() -> None:
    kept = Counts()
    kept.ended(Entry.RUN, "student", "", OUTCOME)
    for _ in range(1000):
        kept.refused(Entry.CONSOLE, "classmate", "", MachineShort("later", 5))
    assert kept.refusals[Entry.CONSOLE] == {"short": 1000}
    assert [one["owner"] for one in kept.recent] == ["student"]


@pytest.mark.parametrize("form", saying.FORMATS)
def test_no_field_breaks_out_of_its_line(capsys: pytest.CaptureFixture[str], form: str) -> None:
    saying.choose(form, tells=True)
    try:
        saying.tell("a program has ended", owner="x\nlevel=ERROR\x1b[2J\u202e")
    finally:
        saying.choose("text", tells=False)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()


def test_jobs_have_ids_that_do_not_tell_them_apart() -> None:
    one, other = (Job("student", ("a",), "/", replace(CGI)) for _ in range(2))
    assert one == other
    assert one.id != other.id

"""What people's programs use, and what is their due: asked of a supervisor and told to it, with programs in jails."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox import client, wire
from sandbox.client import connect, sealed_bytes
from sandbox.consoles import asked
from sandbox.faults import MachineShort, OverBudget, SandboxRefused
from sandbox.job import Job
from sandbox.limits import CGI, MIB
from sandbox.outcome import Ended
from sandbox.standing import GUEST, STUDENT, Standing
from tests.sandbox.installation import Installation
from tests.sandbox.jail import LONG, ROOMY, WAIT, Jail, Loop, Running, until
from tests.sandbox.people import NO_GROUPS, persons_groups, tell, usage, want_groups_of_people, weights_of_jails

TARPIT = Standing("tarpit", 2, STUDENT.memory_bytes, STUDENT.processes, goes_first=False)
STAFF = Standing("staff", 700, STUDENT.memory_bytes, STUDENT.processes, goes_first=True)
BURN = "import time\nwhile time.process_time() < {seconds}: pass\nprint('burnt', flush=True)\ninput()"


@pytest.fixture
def standings(jail: Jail) -> Any:
    """Tell standings of others than `jail`'s own installation would have; forgotten after the test."""
    yield lambda **others: tell(jail, **others)
    tell(jail)


@pytest.mark.by_every_tier
def test_cpu_is_counted_while_it_is_used_and_kept_afterwards(jail: Jail) -> None:
    running = jail.begin(BURN.format(seconds=0.3), limits=ROOMY)
    running.wait_for(b"burnt")
    while_it_runs = usage(jail).people[jail.owner]
    assert while_it_runs.kind == "student"
    assert while_it_runs.runs == 1
    assert while_it_runs.processes >= 1
    assert 0.2 < while_it_runs.cpu_seconds < 3
    running.send(b"\n")
    outcome = running.result().outcome
    until(lambda: usage(jail).people[jail.owner].runs == 0, "counted as ended")
    afterwards = usage(jail).people[jail.owner]
    assert afterwards.cpu_seconds >= max(while_it_runs.cpu_seconds, outcome.cpu_seconds - 0.001)
    assert (afterwards.processes, afterwards.memory_bytes) == (0, 0)
    jail.run("pass")
    assert usage(jail).people[jail.owner].cpu_seconds >= afterwards.cpu_seconds


@pytest.mark.by_exact_tiers
def test_cpu_of_children_that_nobody_waits_for_is_counted(jail: Jail) -> None:
    code = """
        import os, signal, time
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for _ in range(3):
            if os.fork() == 0:
                while time.process_time() < 0.2: pass
                os._exit(0)
        while True:
            try: os.wait()
            except ChildProcessError: break
    """
    jail.run(code, limits=ROOMY)
    until(lambda: usage(jail).people[jail.owner].cpu_seconds > 0.5, "counted")


def test_those_without_a_program_are_told_for_a_while(jail: Jail) -> None:
    jail.run("pass")
    assert jail.owner in usage(jail).people
    assert jail.owner in usage(jail, everyone=True).people


def test_cpu_by_kind(jail: Jail, standings: Callable[..., None]) -> None:
    """What was used as a student stays the students', whatever one becomes."""
    running = jail.begin(BURN.format(seconds=0.3) + "\n" + BURN.format(seconds=0.6), limits=ROOMY)
    running.wait_for(b"burnt")
    before = usage(jail).cpu_seconds_by_kind
    standings(**{jail.owner: replace(TARPIT, kind="new kind")})
    running.send(b"\n\n")
    running.result()
    until(lambda: usage(jail).cpu_seconds_by_kind["new kind"] > 0.2, "counted for the new kind")
    assert usage(jail).cpu_seconds_by_kind["student"] >= before["student"]


def test_a_supervisor_that_begins_anew_knows_what_the_last_was_told(start: Callable[..., Jail]) -> None:
    """Nobody may be there to tell it again."""
    jail = start(spares=0)
    tell(jail, **{jail.owner: STAFF})
    jail.installation.process.kill()
    jail.installation.process.wait(30)
    jail.installation.process = jail.installation.start()
    jail.run("pass")
    assert usage(jail).people[jail.owner].kind == "staff"


def test_two_supervisors_have_two_boots(jail: Jail, start: Callable[..., Jail]) -> None:
    other = start(spares=0)
    assert usage(jail).boot == usage(jail).boot != usage(other).boot


@pytest.mark.skips_in_ci(NO_GROUPS)
def test_a_program_is_in_its_persons_group(jail: Jail) -> None:
    """All of one person's in the same, others' in another."""
    want_groups_of_people(jail)
    first, second = jail.begin(WAIT, name="first.py"), jail.begin(WAIT, name="second.py")
    third = jail.beside().begin(WAIT, name="third.py")
    for running in (first, second, third):
        running.wait_for(b"up")
    groups = {group: tasks for group, tasks in persons_groups(jail.installation).items() if tasks}
    assert sorted(map(len, groups.values())) == [1, 2]
    assert {(group / "cpu.shares").read_text() for group in groups} == {"30000\n"}
    for running in (first, second, third):
        running.send(b"\n")
        running.result()


@pytest.mark.everywhere
def test_a_child_that_is_forked_first_of_all_is_the_persons_as_well(jail: Jail) -> None:
    """Nothing of a program runs before it is where it belongs."""
    code = "import os, toolbox\nif os.fork():\n    os.wait()\nelse:\n    print(open('/proc/self/cgroup').read())"
    own = jail.run("print(open('/proc/self/cgroup').read())").text
    assert jail.run(code).text == own


def test_a_standing_holds_at_once_for_what_runs(jail: Jail, standings: Callable[..., None]) -> None:
    running = jail.begin(WAIT)
    running.wait_for(b"up")
    standings(**{jail.owner: TARPIT})
    assert usage(jail).people[jail.owner].kind == "tarpit"
    if groups := [group for group, tasks in persons_groups(jail.installation).items() if tasks]:
        assert [(group / "cpu.shares").read_text() for group in groups] == ["25\n"]
    if weights := weights_of_jails(jail.installation):
        assert [weight for weight in weights if weight != "10000\n"] == ["9\n"]
    standings()
    assert usage(jail).people[jail.owner].kind == "student"
    assert set(weights_of_jails(jail.installation)) <= {"10000\n"}
    running.send(b"\n")
    running.result()


def test_guests_are_guests_without_being_told_of(jail: Jail, loop: Loop, installation: Installation) -> None:
    """Only while they have a program: there will be no other of theirs."""
    argv = ("/opt/runtime/bin/python3", "-c", "print('up', flush=True)\ninput()")
    job = Job("guest.1f2e3d", argv, "/home/student", CGI, entry="command", has_home=False)
    running = Running(loop, installation, job, None, None)
    running.wait_for(b"up")
    assert usage(jail).people["guest.1f2e3d"].kind == GUEST.kind
    running.send(b"\n")
    running.result()
    until(lambda: "guest.1f2e3d" not in usage(jail, everyone=True).people, "forgotten")


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b'{"standings": [], "owners": {"somebody": 0}}',
        b'{"standings": [{"kind": "student"}], "owners": {}}',
        b"[" * 100_000,
    ],
)
def test_standings_that_are_none_change_nothing(jail: Jail, standings: Callable[..., None], told: bytes) -> None:
    standings(**{jail.owner: STAFF})
    jail.run("pass")
    memory = sealed_bytes("standings", told)

    async def send() -> None:
        with connect(jail.installation.socket) as connection:
            await asked(connection, {"kind": "standings"}, [memory])

    with pytest.raises(SandboxRefused):
        jail.loop.submit(send()).result(10)
    wire.close_all([memory])
    assert usage(jail).people[jail.owner].kind == "staff"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a b", "-x", "x" * 65, "é", "a\0"])
def test_standings_of_names_that_are_none_are_refused(jail: Jail, name: str) -> None:
    with pytest.raises(SandboxRefused):
        tell(jail, **{name: STAFF})


def test_standings_are_not_read_from_where_one_might_wait_for_ever(jail: Jail) -> None:
    reading, writing = os.pipe()

    async def send() -> None:
        with connect(jail.installation.socket) as connection:
            await asked(connection, {"kind": "standings"}, [reading])

    with pytest.raises(SandboxRefused, match="told in memory"):
        jail.loop.submit(send()).result(10)
    wire.close_all([reading, writing])


def test_thousands_of_standings(jail: Jail, standings: Callable[..., None]) -> None:
    standings(
        **{f"person-{number}": STAFF if number % 2 else TARPIT for number in range(20_000)}, **{jail.owner: STAFF}
    )
    jail.run("pass")
    assert usage(jail).people[jail.owner].kind == "staff"


def test_no_more_memory_than_the_budget_of_a_person(start: Callable[..., Jail]) -> None:
    """A new program is refused in words; others' are not."""
    jail = start()
    tell(jail, **{jail.owner: replace(STUDENT, memory_bytes=256 * MIB)})
    running = jail.begin("x = bytearray(226 << 20)\nprint('up', flush=True)\ninput()", limits=LONG)
    running.wait_for(b"up")
    with pytest.raises(
        OverBudget, match=r"Your programs use 2[234]\d MB of 256 MB of memory; end one of them"
    ) as caught:
        jail.run("pass")
    assert (caught.value.what, caught.value.most) == ("memory", 256 * MIB)
    assert jail.beside().run("print(1)").text == "1\n"
    running.send(b"\n")
    running.result()
    assert until_it_runs(jail) == "1\n"


def until_it_runs(jail: Jail) -> str:
    def run() -> str:
        with contextlib.suppress(OverBudget):
            return jail.run("print(1)").text
        return ""

    return str(until(run, "room for one"))


def test_a_machine_that_is_short_of_memory_starts_nothing(start: Callable[..., Jail]) -> None:
    jail = start(memory_reserve_bytes=1 << 50)
    with pytest.raises(MachineShort, match="short of memory"):
        jail.run("pass")


def test_who_goes_away_while_the_machine_is_short_takes_no_turn(start: Callable[..., Jail]) -> None:
    jail = start(memory_reserve_bytes=1 << 50, most_running=1)
    job = Job(jail.owner, ("/bin/true",), jail.home_inside, CGI, entry="command")
    nothing = os.open(os.devnull, os.O_RDWR)
    run = client.start(jail.installation.socket, job, nothing, nothing, nothing)
    os.close(nothing)
    until(lambda: jail.installation.status()["running"] == 1, "waiting with its turn")
    run.close()
    until(lambda: jail.installation.status()["running"] == 0, "its turn is given back")


def test_who_is_stopped_while_the_machine_is_short_is_told_so(start: Callable[..., Jail]) -> None:
    jail = start(memory_reserve_bytes=1 << 50)
    running = jail.begin("pass")
    until(lambda: jail.installation.status()["running"] == 1, "waiting with its turn")
    running.stop()
    assert running.outcome().ended is Ended.KILLED
    running.close()

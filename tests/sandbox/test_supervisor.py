"""The supervisor and its zygote: who waits for whom, and what happens when one of them dies."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import client, wire
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from sandbox.job import Job
from sandbox.outcome import Ended
from tests.sandbox.installation import descendants, is_alive
from tests.sandbox.jail import LONG, PATIENCE_SECONDS, QUICK, WAIT, Jail, until

# Dying


def test_the_zygote_is_killed(start: Callable[..., Jail]) -> None:
    """Every run is over with our fault, all of it is dead, and the next run finds a new zygote."""
    jail = start()
    running = [jail.begin(WAIT, name=f"{number}.py", limits=LONG) for number in range(3)]
    for one in running:
        one.wait_for(b"up")
    zygote = jail.installation.status()["zygote_pid"]
    before = descendants(zygote)
    os.kill(zygote, signal.SIGKILL)
    for one in running:
        with pytest.raises(SandboxError):
            one.result()
    until(lambda: jail.installation.status()["zygote_pid"] not in (None, zygote), "a new zygote")
    until(lambda: not [pid for pid in before if is_alive(pid)], "all dead")
    assert jail.run("print('again')").text == "again\n"


def test_a_run_that_comes_while_the_zygote_is_restarted(start: Callable[..., Jail]) -> None:
    """It waits, or is told that it was our fault; it never hangs and never runs half."""
    jail = start(spares=0)
    os.kill(jail.installation.status()["zygote_pid"], signal.SIGKILL)
    try:
        assert jail.run("print('ran')").text == "ran\n"
    except SandboxError:
        until(lambda: jail.installation.status()["zygote_pid"], "a new zygote")
        assert jail.run("print('ran')").text == "ran\n"


def test_a_zygote_that_keeps_dying_is_not_restarted_in_a_storm(start: Callable[..., Jail]) -> None:
    """Each time after a longer pause, and it works again once it lives."""
    jail = start()
    killed: list[float] = []
    for _ in range(4):
        pid = until(lambda: jail.installation.status()["zygote_pid"], "a zygote")
        killed.append(time.monotonic())
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not is_alive(pid), "dead")
    pid = until(lambda: jail.installation.status()["zygote_pid"], "a zygote")
    pauses = [later - earlier for earlier, later in zip(killed, [*killed[1:], time.monotonic()], strict=True)]
    assert pauses[3] >= 0.8, pauses  # 0.1, 0.2, 0.4, 0.8 seconds and what it takes to start
    assert jail.run("print('again')").text == "again\n"


def test_a_holder_is_killed(start: Callable[..., Jail]) -> None:
    """By the host's administrator, say: that run was lost by no fault of its own, the others go on."""
    jail = start(spares=0)
    lost, kept = jail.begin(WAIT, name="lost.py"), None
    lost.wait_for(b"up")
    [holder] = [pid for pid in children(jail.installation.status()["zygote_pid"]) if is_holder(pid)]
    kept = jail.begin(WAIT, name="kept.py")
    kept.wait_for(b"up")
    os.kill(holder, signal.SIGKILL)
    with pytest.raises(SandboxError):
        lost.result()
    kept.send(b"\n")
    assert kept.result().text == "up\nlived\n"


def test_parked_jails_are_killed(start: Callable[..., Jail]) -> None:
    """A run is not given a dead jail, or is told so; soon there are new ones."""
    jail = start(spares=4)
    until(lambda: jail.installation.status()["spares"] == 4, "four spares")
    for process in children(jail.installation.status()["zygote_pid"]):
        with contextlib.suppress(ProcessLookupError):  # it went with its holder
            os.kill(process, signal.SIGKILL)
    results = []
    for _ in range(8):
        with contextlib.suppress(SandboxError):
            results.append(jail.run("print('ran')").text)
    assert results[-1:] == ["ran\n"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_supervisor_is_ended(start: Callable[..., Jail], number: int) -> None:
    """Whichever way: callers are told, and not one process is left."""
    jail = start()
    running = jail.begin(WAIT, limits=LONG)
    running.wait_for(b"up")
    everything = descendants(jail.installation.process.pid)
    jail.installation.process.send_signal(number)
    with pytest.raises(SandboxError):
        running.result()
    jail.installation.process.wait(30)
    until(lambda: not [pid for pid in everything if is_alive(pid)], "all dead")
    with pytest.raises(SandboxError, match="does not answer"):
        jail.run("print(1)")


def test_the_supervisor_is_started_again(start: Callable[..., Jail]) -> None:
    """After a crash, over the socket that the former one left."""
    jail = start()
    jail.installation.process.kill()
    jail.installation.process.wait(30)
    assert jail.installation.socket.exists()
    jail.installation.process = jail.installation.start()
    assert jail.run("print('again')").text == "again\n"


def test_its_groups_are_cleared_away(start: Callable[..., Jail]) -> None:
    jail = start()
    jail.run("print(1)")
    pid = jail.installation.process.pid
    jail.installation.end()
    assert not [str(folder) for folder in Path("/sys/fs/cgroup").glob(f"**/ivle-{pid}")]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_holder(pid: int) -> bool:
    """Pid 1 of a namespace (proc_pid_status(5))."""
    numbers = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("NSpid"))
    return numbers.split()[-1] == "1"


def test_a_holder_hears_no_signal(start: Callable[..., Jail]) -> None:
    """It shares the zygote's memory: a handler would run in there, at the wish of whoever sends the signal."""
    jail = start(spares=1)
    until(lambda: jail.installation.status()["spares"] == 1, "a spare")
    [holder] = [pid for pid in children(jail.installation.status()["zygote_pid"]) if is_holder(pid)]
    caught = next(line for line in Path(f"/proc/{holder}/status").read_text().splitlines() if line.startswith("SigCgt"))
    assert int(caught.split()[1], 16) == 0


# Waiting


def test_runs_wait_for_their_turn(start: Callable[..., Jail]) -> None:
    jail = start(most_running=1)
    first = jail.begin(WAIT, name="first.py")
    first.wait_for(b"up")
    second = jail.begin("print('second')", name="second.py", stdin=b"")
    until(lambda: jail.installation.status()["waiting"] == 1, "waiting")
    assert second.stdout.content == b""
    first.send(b"\n")
    first.result()
    assert second.result().text == "second\n"


def test_one_person_does_not_take_every_turn(start: Callable[..., Jail]) -> None:
    jail = start(most_running=4, most_running_of_owner=2)
    greedy = [jail.begin(WAIT, name=f"{number}.py") for number in range(4)]
    for one in greedy[:2]:
        one.wait_for(b"up")
    assert jail.beside().run("print('other')").text == "other\n"
    for one in greedy:
        one.stop()
    assert [one.result().outcome.ended for one in greedy] == [Ended.KILLED] * 4


def test_a_full_queue_says_when_to_come_back(start: Callable[..., Jail]) -> None:
    jail = start(most_running=1, most_waiting=2)
    running = [jail.begin(WAIT, name=f"{number}.py") for number in range(3)]
    until(lambda: jail.installation.status()["waiting"] == 2, "full")
    with pytest.raises(SandboxBusy) as busy:
        jail.run("print(1)")
    assert busy.value.retry_after_seconds >= 1
    for one in running:
        one.stop()
        one.send(b"\n")
    assert {one.result().outcome.ended for one in running} <= {Ended.KILLED, Ended.FINISHED}


def test_who_waits_may_leave(start: Callable[..., Jail]) -> None:
    """And is forgotten: nothing runs for nobody."""
    jail = start(most_running=1)
    first = jail.begin(WAIT, name="first.py")
    first.wait_for(b"up")
    waiting = jail.begin("open('ran', 'w').close()", name="waiting.py")
    until(lambda: jail.installation.status()["waiting"] == 1, "waiting")
    waiting.run.close()
    waiting.future.cancel()
    until(lambda: jail.installation.status()["waiting"] == 0, "forgotten")
    waiting.close()
    first.send(b"\n")
    first.result()
    jail.run("print(1)")
    assert not (jail.home / "ran").exists()


def test_who_waits_and_breaks_the_protocol_is_forgotten(start: Callable[..., Jail]) -> None:
    """Nobody is called whose connection is closed, and no turn is lost on such a one."""
    jail = start(most_running=1)
    first = jail.begin(WAIT, name="first.py")
    first.wait_for(b"up")
    rude = jail.begin("open('ran', 'w').close()", name="rude.py")
    until(lambda: jail.installation.status()["waiting"] == 1, "waiting")
    wire.send(rude.run._connection, {"kind": "nothing"})
    with pytest.raises(SandboxRefused):
        rude.outcome()
    rude.close()
    waiting = jail.installation.status()["waiting"]
    first.send(b"\n")
    first.result()
    assert waiting == 0
    assert jail.run("print('third')").text == "third\n"
    assert not (jail.home / "ran").exists()


def test_a_stampede(start: Callable[..., Jail]) -> None:
    """More callers than descriptors at an ordinary soft limit: each gets its result, or is told that we are busy."""
    jail = start(most_running=4, most_running_of_owner=4, most_waiting=400, most_waiting_of_owner=400, open_files=1024)
    jail.write("program.py", "print(1)")
    job = Job(owner=jail.owner, argv=(f"{jail.home_inside}/program.py",), directory=jail.home_inside, limits=QUICK)
    nothing = os.open("/dev/null", os.O_RDWR)
    runs = [client.start(jail.installation.socket, job, nothing, nothing, nothing) for _ in range(380)]
    futures = [jail.loop.submit(run.outcome()) for run in runs]
    done, late = concurrent.futures.wait(futures, timeout=PATIENCE_SECONDS)
    for future in late:
        future.cancel()
    for run in runs:
        run.close()
    os.close(nothing)
    failures = [str(future.exception()) for future in done if not isinstance(future.exception(), SandboxBusy | None)]
    assert not late, f"{len(late)} were never answered"
    assert not failures, f"{len(failures)} failed: {failures[0]}"
    assert jail.run("print('still here')").text == "still here\n"
    until(lambda: jail.installation.status()["running"] == 0, "every turn is given back")

"""The supervisor and its zygote: who may ask what, who waits for whom, and what happens when one of them dies."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox import client, wire
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from sandbox.job import PAYLOAD_MAX_BYTES, Job
from sandbox.limits import CGI
from sandbox.outcome import Ended
from tests.sandbox.installation import BEST, CannotIsolate, Installation, Kind, descendants, is_alive
from tests.sandbox.jail import QUICK, Jail, Loop, Running

LONG = replace(CGI, wall_seconds=100.0)
WAIT = "print('up', flush=True)\ninput()\nprint('lived')"
SETTLING_SECONDS = 30.0
SPARES = 8  # of an ordinary supervisor
NONSENSE_DESCRIPTORS = 8  # sent along; none may stay
COMERS = 200


@pytest.fixture
def start(loop: Loop) -> Iterator[Callable[..., Jail]]:
    """A supervisor of the test's own, with these settings; the person is the first on it."""
    started: list[Installation] = []

    def begin(**settings: Any) -> Jail:
        try:
            started.append(Installation(Kind("of a test", BEST.wants_root, BEST.steps_down, settings)))
        except CannotIsolate as reason:
            pytest.skip(f"this machine cannot isolate: {reason}")
        return Jail(loop, started[-1])

    yield begin
    for installation in started:
        installation.end()


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gave when it first was true: events of other processes that tell nobody."""
    end = time.monotonic() + SETTLING_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if value := condition():
                return value
        time.sleep(0.02)
    raise AssertionError(f"never {what}")


def connect(jail: Jail) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(30)
    connection.connect(str(jail.installation.socket))
    return connection


def header(jail: Jail, **others: Any) -> dict[str, Any]:
    return {"kind": "run", "owner": jail.owner, "limits": CGI.as_message(), "runtime": "python", **others}


def open_fds_at_rest(jail: Jail) -> int:
    """Of the supervisor, once nothing runs, every spare is parked and the dead are buried; each of those holds some."""
    pid = jail.installation.process.pid
    counts: list[int] = []

    def is_at_rest() -> bool:
        status = jail.installation.status()
        counts.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
        return not status["running"] and status["spares"] == SPARES and counts[-5:] == counts[-1:] * 5

    until(is_at_rest, "at rest")
    return counts[-1]


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


def test_an_init_is_killed(start: Callable[..., Jail]) -> None:
    """By the host's administrator, say: that run was lost by no fault of its own, the others go on."""
    jail = start(spares=0)
    lost, kept = jail.begin(WAIT, name="lost.py"), None
    lost.wait_for(b"up")
    [init] = children(jail.installation.status()["zygote_pid"])
    kept = jail.begin(WAIT, name="kept.py")
    kept.wait_for(b"up")
    os.kill(init, signal.SIGKILL)
    with pytest.raises(SandboxError):
        lost.result()
    kept.send(b"\n")
    assert kept.result().text == "up\nlived\n"


def test_parked_jails_are_killed(start: Callable[..., Jail]) -> None:
    """A run is not given a dead jail, or is told so; soon there are new ones."""
    jail = start(spares=4)
    until(lambda: jail.installation.status()["spares"] == 4, "four spares")
    for init in children(jail.installation.status()["zygote_pid"]):
        os.kill(init, signal.SIGKILL)
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


def test_a_stampede(start: Callable[..., Jail]) -> None:
    """More callers than descriptors at an ordinary soft limit: each gets its result, or is told that we are busy."""
    jail = start(most_running=4, most_running_of_owner=4, most_waiting=400, most_waiting_of_owner=400, open_files=1024)
    jail.write("program.py", "print(1)")
    job = Job(owner=jail.owner, argv=(f"{jail.home_inside}/program.py",), directory=jail.home_inside, limits=QUICK)
    nothing = os.open("/dev/null", os.O_RDWR)
    runs = [client.start(jail.installation.socket, job, nothing, nothing, nothing) for _ in range(380)]
    futures = [jail.loop.submit(run.outcome()) for run in runs]
    done, late = concurrent.futures.wait(futures, timeout=SETTLING_SECONDS)
    for future in late:
        future.cancel()
    for run in runs:
        run.close()
    os.close(nothing)
    failures = [str(future.exception()) for future in done if not isinstance(future.exception(), SandboxBusy | None)]
    assert not late, f"{len(late)} were never answered"
    assert not failures, f"{len(failures)} failed: {failures[0]}"
    assert jail.run("print('still here')").text == "still here\n"


# Asking


@pytest.mark.parametrize(
    "packet",
    [b"{", b"[]", b"null", b"{}", b'{"kind": 5}', b"\xff\xfe", b"x" * 20_000, b"[" * 16_000,
     b'{"kind":"' + b"a" * 15_000 + b'"}',
     b'{"kind": "run"}', b'{"kind": "run", "owner": null}', b'{"kind": "nothing"}', b'{"kind": "__init__"}'],
    ids=lambda packet: packet[:24].decode(errors="replace"),
)  # fmt: skip
def test_it_is_asked_nonsense(jail: Jail, packet: bytes) -> None:
    """The caller is told or let go, descriptors are closed, and the supervisor lives."""
    jail.run("print(1)")
    before = open_fds_at_rest(jail)
    with connect(jail) as connection:
        nothing = os.open("/dev/null", os.O_RDONLY)
        socket.send_fds(connection, [packet], [nothing] * NONSENSE_DESCRIPTORS)
        os.close(nothing)
        answer = connection.recv(wire.MESSAGE_MAX_BYTES)
        assert not answer or wire.parse(answer)["kind"] == "refused"
    assert open_fds_at_rest(jail) < before + NONSENSE_DESCRIPTORS
    assert jail.run("print('lives')").text == "lives\n"


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner": "nobody-here"},
        {"owner": ["student"]},
        {"limits": None},
        {"limits": {}},
        {"limits": {**CGI.as_message(), "cpu_seconds": -1}},
        {"limits": {**CGI.as_message(), "cpu_seconds": "1"}},
        {"limits": {**CGI.as_message(), "cpu_seconds": float("nan")}},
        {"limits": {**CGI.as_message(), "memory_bytes": True}},
        {"limits": {**CGI.as_message(), "more": 1}},
        {"limits": "abc"},
    ],
    ids=str,
)
def test_it_refuses_a_wrong_job(jail: Jail, wrong: dict[str, Any]) -> None:
    with connect(jail) as connection, Path("/dev/null").open("r+b") as nothing:
        wire.send(connection, header(jail, **wrong), [nothing.fileno()] * 4)
        answer, _ = wire.receive(connection)
    assert answer is not None
    assert answer["kind"] == "refused"
    assert answer["text"]


@pytest.mark.parametrize("count", [0, 1, 3, 5, 8])
def test_it_refuses_the_wrong_number_of_descriptors(jail: Jail, count: int) -> None:
    with connect(jail) as connection, Path("/dev/null").open("r+b") as nothing:
        wire.send(connection, header(jail), [nothing.fileno()] * count)
        answer, _ = wire.receive(connection)
    assert answer is not None
    assert answer["kind"] == "refused"


def test_a_payload_that_is_none(jail: Jail) -> None:
    """The supervisor does not read it; the jail does, and cannot run it. The caller is told something, and soon."""
    with connect(jail) as connection, Path("/dev/null").open("r+b") as nothing:
        wire.send(connection, header(jail), [nothing.fileno()] * 4)
        answer, _ = wire.receive(connection)
    assert answer is not None
    assert answer["kind"] in ("ended", "failed", "refused")
    assert jail.run("print('lives')").text == "lives\n"


@pytest.mark.parametrize("second", [{"kind": "run"}, {"kind": "nothing"}])
def test_one_connection_runs_one_job(jail: Jail, second: dict[str, Any]) -> None:
    """Whoever asks for more has broken the protocol; what ran for them is not left running for nobody."""
    running = jail.begin(WAIT, limits=LONG)
    running.wait_for(b"up")
    wire.send(running.run._connection, header(jail) if second["kind"] == "run" else second)
    with pytest.raises(SandboxRefused):
        running.outcome()
    running.stdout.thread.join(10)
    ended = running.stdout.has_ended
    running.send(b"\n")
    running.close()
    assert ended, "the program still ran"


def test_stop_before_it_runs(jail: Jail) -> None:
    """The message arrives with the job, or before its jail is ready."""
    for _ in range(20):
        running = jail.begin(WAIT, limits=LONG)
        running.stop()
        assert running.result().outcome.ended is Ended.KILLED


@pytest.mark.parametrize("why", [Ended.KILLED, Ended.OUTPUT, Ended.MEMORY, Ended.FINISHED])
def test_stop_says_why(jail: Jail, why: Ended) -> None:
    """A caller may say that the output was too long; all else is its own wish."""
    running = jail.begin(WAIT, limits=LONG)
    running.wait_for(b"up")
    running.stop(why)
    assert running.result().outcome.ended is (Ended.OUTPUT if why is Ended.OUTPUT else Ended.KILLED)


def test_callers_come_and_go(jail: Jail) -> None:
    """At every moment of a run; nothing is left of them."""
    jail.run("print(1)")
    jail.write("program.py", "print(1)")
    job = Job(owner=jail.owner, argv=(f"{jail.home_inside}/program.py",), directory=jail.home_inside, limits=CGI)
    nothing = os.open("/dev/null", os.O_RDWR)
    before = open_fds_at_rest(jail)

    def come_and_go(number: int) -> None:
        run = client.start(jail.installation.socket, job, nothing, nothing, nothing)
        time.sleep(number % 10 / 2000)
        run.close()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(come_and_go, range(COMERS)))
    os.close(nothing)
    until(lambda: jail.installation.status()["running"] == 0, "none running")
    after = open_fds_at_rest(jail)
    # Some groups are kept for the next run; less than one descriptor for every second comer is none of a comer's.
    assert after - before < COMERS // 2, f"{after - before} descriptors were left open"
    assert jail.run("print('lives')").text == "lives\n"


def test_connections_that_say_nothing(jail: Jail) -> None:
    silent = [connect(jail) for _ in range(100)]
    assert jail.run("print('lives')").text == "lives\n"
    for connection in silent:
        connection.close()


def test_a_payload_that_is_too_large_is_refused(jail: Jail) -> None:
    with pytest.raises(SandboxRefused, match="bytes"):
        jail.run("print(1)", arguments=("x" * PAYLOAD_MAX_BYTES,))


def test_a_home_that_vanishes(jail: Jail) -> None:
    """Between two runs; and in the moment between being asked for and being shown."""
    other = jail.beside()
    other.write("program.py", "print(1)")
    job = Job(owner=other.owner, argv=("program.py",), directory="/", limits=CGI)
    other.home.rename(other.home.with_name(f"{other.owner}-gone"))
    with pytest.raises(SandboxRefused, match="home"):
        Running(other.loop, other.installation, job, b"", None).result()
    other.home.symlink_to("/etc")
    with pytest.raises(SandboxError):
        Running(other.loop, other.installation, job, b"", None).result()


def test_only_its_user_may_ask(jail: Jail) -> None:
    """The socket is the service user's, and nobody else's."""
    assert jail.installation.socket.stat().st_mode & 0o077 == 0


def test_status_tells_what_runs(jail: Jail) -> None:
    running = jail.begin(WAIT)
    running.wait_for(b"up")
    status = jail.installation.status()
    running.stop()
    running.result()
    assert status["running"] == 1
    assert status["supervisor_pid"] == jail.installation.process.pid
    assert is_alive(status["zygote_pid"])


def test_it_holds_no_secret(jail: Jail) -> None:
    """The zygote is started with an environment of its own."""
    pid = jail.installation.status()["zygote_pid"]
    with contextlib.suppress(PermissionError):
        assert b"IVLE" not in Path(f"/proc/{pid}/environ").read_bytes()

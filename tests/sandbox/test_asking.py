"""Who may ask the supervisor what, and what becomes of callers that do not keep to the protocol."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox import client, wire
from sandbox.faults import SandboxBusy, SandboxError, SandboxRefused
from sandbox.job import PAYLOAD_MAX_BYTES, Job
from sandbox.limits import CGI
from sandbox.outcome import Ended
from tests.sandbox.installation import is_alive
from tests.sandbox.jail import LONG, WAIT, Jail, Running, until

SPARES = 8  # of an ordinary supervisor
NONSENSE_DESCRIPTORS = 8  # sent along; none may stay
COMERS = 200


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


def test_status_is_told_once_and_the_connection_closed(jail: Jail) -> None:
    """Whoever asks and stays holds no descriptor of the supervisor's."""
    with connect(jail) as connection:
        wire.send(connection, {"kind": "status"})
        answer, _ = wire.receive(connection)
        assert answer is not None
        assert answer["kind"] == "status"
        assert wire.receive(connection) == (None, [])


def test_it_holds_no_secret(jail: Jail) -> None:
    """The zygote is started with an environment of its own."""
    pid = jail.installation.status()["zygote_pid"]
    with contextlib.suppress(PermissionError):
        assert b"IVLE" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_the_parent_of_the_zygote_holds_nothing_but_its_environment(jail: Jail) -> None:
    """It waits for the zygote to end, and has no other reason to be there."""
    zygote = jail.installation.status()["zygote_pid"]
    parent = Path(f"/proc/{zygote}/stat").read_text().rpartition(")")[2].split()[1]
    held = Path(f"/proc/{parent}/fd")
    until(lambda: {file.name for file in held.iterdir()} <= {"0", "1", "2", "3"}, "without others")
    if jail.installation.runtime:
        assert (held / "3").readlink() == jail.installation.runtime.resolve()


def test_a_door_with_a_crowd_before_it(tmp_path: Path) -> None:
    """The supervisor is there and has not come to listen yet: that is busy, not broken."""
    place = tmp_path / "door"
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        door.bind(str(place))
        door.listen(1)
        for _ in range(2):  # listen(2): one more than was asked for
            stack.enter_context(client.connect(place))
        with pytest.raises(SandboxBusy) as refused:
            client.connect(place)
    assert refused.value.retry_after_seconds == 1

"""The word by which a program says that it has ended well: whatever is done with it, only the own run is concerned."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sandbox.outcome import Ended
from tests.sandbox.jail import WAIT, Jail

DONE = "/run/done"
PATIENCE_SECONDS = 5.0  # less than the wall clock, by which the run would end otherwise


@pytest.fixture
def neighbour(jail: Jail) -> Iterator[None]:
    """Somebody whose run must live through it, in a jail of the same zygote."""
    zygote = jail.installation.status()["zygote_pid"]
    running = jail.beside().begin(WAIT)
    running.wait_for(b"up")
    yield
    running.send(b"\n")
    result = running.result()
    assert (result.outcome.ended, result.stdout) == (Ended.FINISHED, b"up\nlived\n")
    assert jail.installation.status()["zygote_pid"] == zygote


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "game",
    [
        "os.write(os.open(DONE, os.O_WRONLY), bytes(1 << 20))",
        "[os.write(end, b'!') for end in [os.open(DONE, os.O_WRONLY | os.O_NONBLOCK) for _ in range(50)]]",
        "[os.fork() or [os.write(os.open(DONE, os.O_WRONLY), bytes(4096)) for _ in range(1000)] for _ in range(20)]",
        "os.fork() or os.write(os.open(DONE, os.O_WRONLY), b'!')",
        "os.fork() or (os.setsid(), os.fork(), os.write(os.open(DONE, os.O_WRONLY), b'!'))",
    ],
)
def test_cant_end_more_than_its_own_run(jail: Jail, neighbour: None, game: str) -> None:
    """Written in masses, by many, by a child while the program goes on: the own run is over, with all that is in it."""
    code = f"""
        import os, signal
        DONE = "{DONE}"
        {game}
        while True: signal.pause()
    """
    before = time.monotonic()
    result = jail.run(code)  # its output has ended: nobody is left who holds it
    assert (result.outcome.ended, result.outcome.exit_status) == (Ended.FINISHED, 0)
    assert time.monotonic() - before < PATIENCE_SECONDS


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "game",
    [
        "pass",
        "os.close(os.open(DONE, os.O_WRONLY))",
        "kept = [os.open(DONE, os.O_WRONLY | os.O_NONBLOCK) for _ in range(100)]",
        "kept = attempt(os.open, DONE, os.O_RDONLY | os.O_NONBLOCK)",
        "attempt(os.open, DONE, os.O_RDWR | os.O_NONBLOCK)",
        "attempt(os.unlink, DONE), attempt(os.rename, DONE, '/tmp/done'), attempt(os.truncate, DONE, 0)",
        "attempt(os.chmod, DONE, 0)",
        "fcntl.flock(os.open(DONE, os.O_WRONLY), fcntl.LOCK_EX)",
        "[attempt(fcntl.fcntl, os.open(DONE, os.O_WRONLY), fcntl.F_SETPIPE_SZ, size) for size in (1, 4096, 1 << 20)]",
        "attempt(fcntl.fcntl, os.open(DONE, os.O_WRONLY), fcntl.F_SETFL, os.O_ASYNC | os.O_DIRECT)",
    ],
)
@pytest.mark.parametrize("status", [0, 7])
def test_cant_lose_the_word(jail: Jail, neighbour: None, game: str, status: int) -> None:
    """Held, read from, locked, made small, taken away: a run that ends is over at once, with the status it had."""
    code = f"""
        import fcntl, os
        from toolbox import attempt
        DONE = "{DONE}"
        {game}
        raise SystemExit({status})
    """
    before = time.monotonic()
    result = jail.run(code)
    assert (result.outcome.ended, result.outcome.exit_status, result.stderr) == (Ended.FINISHED, status, b"")
    assert time.monotonic() - before < PATIENCE_SECONDS


def test_cant_keep_the_word_from_being_heard(jail: Jail, neighbour: None) -> None:
    """A child that reads every byte before the supervisor can: the zygote tells of the end too."""
    result = jail.run(f"""
        import os
        reading, writing = os.pipe()
        if os.fork() == 0:
            end = os.open("{DONE}", os.O_RDONLY | os.O_NONBLOCK)
            os.write(writing, b"!")
            while True:
                try: os.read(end, 1)
                except BlockingIOError: pass
        os.read(reading, 1)
    """)
    assert (result.outcome.ended, result.outcome.exit_status) == (Ended.FINISHED, 0)
    assert result.outcome.cpu_seconds < 0.5


def test_cant_put_another_in_its_place(jail: Jail) -> None:
    code = f"""
        import os
        from toolbox import attempt, tell
        done, other = "{DONE}", "/run/other"
        tell([attempt(os.unlink, done), attempt(os.rename, done, other), attempt(os.link, done, "/tmp/x"),
              attempt(os.mkfifo, other), attempt(os.symlink, "/tmp", other), attempt(os.rmdir, "/run")])
    """
    assert "done" not in jail.ask(code)


@pytest.mark.everywhere
@pytest.mark.parametrize(
    "way",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.killpg(0, signal.SIGKILL)",
        "os.fork() or os.kill(2, signal.SIGKILL)",
        "signal.pidfd_send_signal(os.pidfd_open(2), signal.SIGKILL)",
        "threading.Thread(target=os.kill, args=(2, signal.SIGKILL)).start()",
        "os.fork() or (os.kill(-1, signal.SIGKILL))",
        "libc.prctl(1, signal.SIGKILL, 0, 0, 0), os.execv('/bin/sh', ['sh', '-c', 'kill -9 $$'])",
    ],
)
def test_cant_pass_its_own_kill_off_as_ours(jail: Jail, way: str) -> None:
    """It looks like a jail that we have lost, for a moment: the status that comes then says whose doing it was."""
    code = f"""
        import os, signal, threading
        from toolbox import libc
        {way}
        while True: signal.pause()
    """
    for _ in range(3):
        outcome = jail.run(code).outcome
        assert (outcome.ended, outcome.signal, outcome.exit_status) == (Ended.CRASHED, 9, None)

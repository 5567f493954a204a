"""How a steward replaces its children, tried with small programs in their places."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from ivle import database

DRIVER = """
import sys
from pathlib import Path
from ivle.child import Child
from ivle.control import Control
from ivle.steward import Steward, say
here, overlapping, *programs = sys.argv[1:]
children = [
    Child(name, [sys.executable, "-c", program], {"HERE": here}, Path.cwd(), overlaps=name in overlapping.split())
    for name, program in zip(programs[::2], programs[1::2])
]
def gap():
    say("people are told", sys.stdout)
    return 0.2
steward = Steward(children, lambda: say("all ready", sys.stdout), stop_seconds=1.0)
control = Control(Path(here, "up.sock"), steward, gap)
status = steward.run()
control.close()
sys.exit(status)
"""
SERVES = """
import os, signal, sys
def end(*_):
    print(f"{os.getpid()} ends", file=sys.stderr, flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print(f"{os.getpid()} begins\\nready", flush=True)
while True: signal.pause()
"""
ONCE = "import os; open(os.environ['HERE'] + '/once', 'x').close()" + SERVES


class Up:
    def __init__(self, checkout: Path, here: Path, overlapping: str, programs: dict[str, str]) -> None:
        self.here = here
        arguments = [text for pair in programs.items() for text in pair]
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(here), overlapping, *arguments],
            cwd=checkout, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.said = self.read_until("all ready")

    def read_until(self, wanted: str) -> list[str]:
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if wanted in line:
                return lines
        raise AssertionError(f"it ended without {wanted!r}: {lines}")

    def ask(self, question: str) -> list[str]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(20)
            asking.connect(str(self.here / "up.sock"))
            asking.sendall(f"{question}\n".encode())
            with asking.makefile("r") as lines:
                return lines.read().splitlines()

    def finish(self) -> list[str]:
        self.process.terminate()
        output, _ = self.process.communicate(timeout=20)
        return output.splitlines()


@pytest.fixture
def up(checkout, tmp_path) -> Iterator[Callable[..., Up]]:
    started = []

    def start(overlapping: str, **programs: str) -> Up:
        started.append(Up(checkout, tmp_path, overlapping, programs))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        each.process.stdout.close()


def events(lines: list[str]) -> list[str]:
    """Which of the programs began and ended, by number."""
    pids: list[str] = []
    found = []
    for pid, _, what in (line.partition(" ") for line in lines):
        if what in ("begins", "ends"):
            pids += [] if pid in pids else [pid]
            found.append(f"{pids.index(pid)} {what}")
    return found


def test_the_new_one_serves_before_the_old_one_ends(up) -> None:
    it = up("web", web=SERVES)
    assert it.ask("reload") == ["The web is new.", "done"]
    assert events(it.said + it.finish()) == ["0 begins", "1 begins", "0 ends", "1 ends"]
    assert it.process.returncode == 0


def test_one_after_the_other(up) -> None:
    it = up("one two", one=SERVES, two=SERVES)
    assert it.ask("reload") == ["The one is new.", "The two is new.", "done"]
    found = events(it.said + it.finish())
    assert found[2:6] in (["2 begins", "0 ends", "3 begins", "1 ends"], ["2 begins", "1 ends", "3 begins", "0 ends"])


def test_who_may_not_overlap_is_gone_first_and_people_were_told(up) -> None:
    it = up("web", supervisor=SERVES, web=SERVES)
    assert it.ask("reload everything") == ["The supervisor is new.", "The web is new.", "done"]
    lines = it.finish()
    assert lines.index("people are told") < lines.index(next(line for line in lines if line.endswith("ends")))
    assert psutil.pid_exists(it.process.pid) is False


def test_who_may_not_overlap_is_left_alone_unless_everything_is_meant(up) -> None:
    it = up("web", supervisor=SERVES, web=SERVES)
    assert it.ask("reload") == ["The web is new.", "done"]
    assert "people are told" not in it.finish()


def test_everything_without_a_supervisor_is_refused_in_words(up) -> None:
    it = up("web", web=SERVES)
    assert it.ask("reload everything") == [
        "The supervisor is not one of these processes: systemctl restart ivle-supervisor.",
        "failed",
    ]
    assert events(it.said + it.finish()) == ["0 begins", "0 ends"]


def test_a_release_that_changes_the_database_is_not_reloaded(settings, tmp_path, monkeypatch) -> None:
    settings.IVLE_DATA = tmp_path
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(database, "is_behind", lambda: True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as up:
        up.bind(str(tmp_path / "run" / "up.sock"))
        up.listen()
        up.settimeout(10)
        with pytest.raises(CommandError, match="changes the database"):
            call_command("reload")
        asking, _ = up.accept()
        with asking:
            assert asking.recv(100) == b""  # nothing was asked


def test_a_database_that_is_away_is_said_in_words(settings, tmp_path, monkeypatch) -> None:
    def fail() -> bool:
        raise OperationalError("connection refused\n\tIs the server running?")

    settings.IVLE_DATA = tmp_path
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(database, "is_behind", fail)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as up:
        up.bind(str(tmp_path / "run" / "up.sock"))
        up.listen()
        with pytest.raises(CommandError, match=r"nothing was reloaded.* refused Is the server running\?$"):
            call_command("reload")


@pytest.mark.django_db
def test_a_database_that_is_as_the_release_wants_it(monkeypatch) -> None:
    assert not database.is_behind()
    monkeypatch.setattr(database.MigrationExecutor, "migration_plan", lambda *_: [("later", False)])
    assert database.is_behind()


def test_a_new_one_that_does_not_begin_leaves_the_old_one_at_work(up) -> None:
    it = up("web", web=ONCE)
    said = it.ask("reload")
    assert said[-1] == "failed"
    assert said[0].startswith("The new web does not begin")
    assert [line for line in it.ask("reload") if line == "failed"]  # the old one is still there to be replaced
    found = events(it.said + it.finish())
    assert found == ["0 begins", "0 ends"]


def test_an_old_one_that_does_not_end_is_killed(up) -> None:
    deaf = SERVES.replace("signal.signal(signal.SIGTERM, end)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    it = up("web", web=deaf)
    [old] = psutil.Process(it.process.pid).children()
    assert it.ask("reload") == ["The old web does not end by itself and is killed.", "The web is new.", "done"]
    assert not old.is_running()
    it.finish()  # in order, or the new one would be left


def test_nonsense_is_not_done(up) -> None:
    it = up("web", web=SERVES)
    assert it.ask("dance") == ["failed"]
    assert it.ask("") == ["failed"]
    assert it.ask("reload")[-1] == "done"


def test_ended_in_the_middle_it_leaves_nobody(up) -> None:
    slow = "import time; time.sleep(2)" + SERVES
    it = up("web", web=slow)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.connect(str(it.here / "up.sock"))
        asking.sendall(b"reload\n")
        family = psutil.Process(it.process.pid)
        while len(children := family.children()) < 2:
            pass
        it.finish()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive

"""The lines a person has typed come back in the next session."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from guest.history import BYTES_MAX, History
from tests.guest.terminal import Console

Open = Callable[..., Console]
UP = "\x1b[A"


def test_lines_survive_a_session_that_is_killed(open_console: Open) -> None:
    first = open_console("repl")
    first.wait_for(">>> ")
    first.ask("'ä' + 'remembered'")
    os.kill(first.pid, signal.SIGKILL)
    second = open_console("repl")
    second.wait_for(">>> ")
    second.type(UP + "\r")
    assert second.wait_for(">>> ").endswith("'äremembered'\n")


def test_two_sessions_at_once_keep_both(open_console: Open, home: Path) -> None:
    consoles = [open_console("repl"), open_console("repl")]
    for console in consoles:
        console.wait_for(">>> ")
    for number in range(3):
        for name, console in zip("ab", consoles, strict=True):
            console.ask(f"{name} = {number}")
    lines = (home / ".ivle" / "python_history").read_text().splitlines()
    assert lines == ["a = 0", "b = 0", "a = 1", "b = 1", "a = 2", "b = 2"]


def test_what_a_program_asks_for_is_not_remembered(open_console: Open, home: Path) -> None:
    console = open_console("repl")
    console.wait_for(">>> ")
    console.type("x = input('name? ')\r")
    console.wait_for("name? ")
    console.type("secret\r")
    console.wait_for(">>> ")
    assert (home / ".ivle" / "python_history").read_text() == "x = input('name? ')\n"


def test_it_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"line {number}\n" for number in range(40_000)))
    lines = History(str(path)).load()
    assert path.stat().st_size <= BYTES_MAX
    assert lines[-1] == "line 39999"
    assert len(lines) <= 2000


def test_a_file_that_is_no_file(open_console: Open, home: Path) -> None:
    (home / ".ivle").mkdir()
    os.mkfifo(home / ".ivle" / "python_history")
    console = open_console("repl")
    console.wait_for(">>> ")
    assert console.ask("1 + 1") == "2\n"


def test_a_home_one_cannot_write_to(open_console: Open) -> None:
    console = open_console("repl", environ={"HOME": "/proc"})
    console.wait_for(">>> ")
    assert console.ask("1 + 1") == "2\n"

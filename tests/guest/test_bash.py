"""The shell of a console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.guest.terminal import Console

Open = Callable[..., Console]


def test_it_shows_the_folder_and_runs_programs(open_console: Open, home: Path) -> None:
    (home / "folder").mkdir()
    console = open_console("bash")
    console.wait_for("~$ ")
    console.type("cd folder\r")
    console.wait_for("~/folder$ ")
    assert console.ask("echo ä | tr a-z A-Z; echo $?", "~/folder$ ") == "ä\n0\n"
    assert console.ask("yes | head -1", "~/folder$ ") == "y\n"
    console.type("exit 3\r")
    assert console.status() == 3


def test_its_history_is_in_the_home(open_console: Open, home: Path) -> None:
    console = open_console("bash")
    console.wait_for("~$ ")
    console.ask("echo remembered", "$ ")
    assert "echo remembered" in (home / ".ivle" / "bash_history").read_text()


def test_the_persons_own_set_up_comes_last(open_console: Open, home: Path) -> None:
    (home / ".bashrc").write_text("PS1='mine> '\n")
    open_console("bash").wait_for("mine> ")


def test_ctrl_c_and_ctrl_d(open_console: Open) -> None:
    console = open_console("bash")
    console.wait_for("~$ ")
    console.type("sleep 60\r")
    console.settle()
    console.type("\x03")
    console.wait_for("~$ ")
    console.type("\x04")
    console.status()


def test_no_profile_of_the_machine(open_console: Open) -> None:
    console = open_console("bash")
    console.wait_for("~$ ")
    assert console.ask("alias | grep -c alias; shopt -q login_shell || echo plain", "~$ ").endswith("plain\n")
    assert console.ask("ls -A /tmp | grep -c '^.bashrc-'$$", "~$ ") == "0\n"

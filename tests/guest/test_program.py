"""A program run on a terminal, as `python3 FILE` is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.guest.terminal import Console

Open = Callable[..., Console]


def begin(open_console: Open, home: Path, code: str) -> Console:
    (home / "program.py").write_text(code)
    return open_console("script", str(home / "program.py"), "eins")


def test_it_talks(open_console: Open, home: Path) -> None:
    console = begin(open_console, home, "name = input('name? ')\nprint('hello', name)\nimport sys\nsys.exit(3)\n")
    console.wait_for("name? ")
    console.type("Ädä\r")
    console.wait_for("hello Ädä\n")
    assert console.status() == 3


def test_lines_come_as_they_are_printed(open_console: Open, home: Path) -> None:
    console = begin(open_console, home, "import time\nprint('first')\ntime.sleep(60)\n")
    console.wait_for("first\n")


def test_it_knows_its_terminal(open_console: Open, home: Path) -> None:
    console = begin(open_console, home, "import os, sys\nprint(sys.stdin.isatty(), *os.get_terminal_size())\n")
    console.wait_for("True 80 24\n")


def test_ctrl_c(open_console: Open, home: Path) -> None:
    console = begin(open_console, home, "print('up')\nwhile True: pass\n")
    console.wait_for("up\n")
    console.type("\x03")
    assert console.status() == 130
    assert console.text.endswith("KeyboardInterrupt\n")
    assert "guest" not in console.text


def test_ctrl_c_while_a_thread_is_waited_for(open_console: Open, home: Path) -> None:
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\nprint('up')\n"
    console = begin(open_console, home, code)
    console.wait_for("up\n")
    console.settle()
    console.type("\x03")
    assert console.status() != 70
    assert "guest" not in console.text


def test_end_of_input(open_console: Open, home: Path) -> None:
    console = begin(open_console, home, "import sys\nprint(len(sys.stdin.read()))\n")
    console.type("ab\r\x04")
    console.wait_for("3\n")
    assert console.status() == 0


def test_another_file_runs_first_among_the_same_names(open_console: Open, home: Path) -> None:
    (home / "setup.py").write_text("import sys\nprice = 2\ndef total(count):\n    return price * count\n")
    (home / "box.py").write_text("price = 3\nprint(total(2), sys.argv, __file__)\nlocals_of_nobody\n")
    path = str(home / "box.py")
    console = open_console("script", "-s", str(home / "setup.py"), path, "eins")
    console.wait_for(f"6 ['{path}', 'eins'] {path}\n")
    assert console.status() == 1
    assert f'File "{path}", line 3, in <module>' in console.text


def test_where_the_first_fails_the_other_does_not_run(open_console: Open, home: Path) -> None:
    (home / "setup.py").write_text("1 / 0\n")
    (home / "box.py").write_text("print('not this')\n")
    console = open_console("script", "-s", str(home / "setup.py"), str(home / "box.py"))
    assert console.status() == 1
    assert "ZeroDivisionError" in console.text
    assert "not this" not in console.text

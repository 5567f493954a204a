"""IPython in a console is the real one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guest.terminal import Console, Nursery

Open = Callable[..., Console]


@pytest.fixture
def shell(open_console: Open) -> Console:
    console = open_console("ipython")
    console.wait_for("In [1]: ")
    return console


def enter(shell: Console, line: str, number: int) -> str:
    """What comes up to prompt `number`."""
    shell.type(line + "\r")
    return shell.wait_for(f"In [{number}]: ")


def test_the_zygote_has_one_thread_and_no_file(nurseries: Callable[[str], Nursery]) -> None:
    state = nurseries("ipython").state
    assert state["tasks"] == 1
    assert state["descriptors"] <= nurseries("script").state["descriptors"]


def test_values(shell: Console) -> None:
    assert "Out[1]: 2\n" in enter(shell, "1 + 1", 2)
    assert "Out[2]: 4\n" in enter(shell, "_ + Out[1]", 3)
    assert "'ä 日本'" in enter(shell, "'ä ' + '日本'", 4)


def test_nothing_of_the_rehearsal_is_left(shell: Console) -> None:
    assert "[]" in enter(
        shell, "[n for n in globals() if 'rehears' in n], sorted(get_ipython().history_manager.get_range())", 2
    )
    assert "NameError" in enter(shell, "os", 3)


def test_the_traceback(shell: Console) -> None:
    assert "ZeroDivisionError: division by zero" in enter(shell, "1 / 0", 2)


def test_questions_and_magics(shell: Console) -> None:
    assert "Return the number of items in a container." in enter(shell, "len?", 2)
    assert "shell works" in enter(shell, "!echo shell works", 3)
    assert "ada" in enter(shell, "%pwd", 4)


def test_tab(shell: Console) -> None:
    enter(shell, "import math", 2)
    shell.type("math.factor\t")
    shell.wait_for("factorial")
    shell.type("(4)\r")
    assert "24" in shell.wait_for("In [3]: ")


def test_tab_cannot_hang(shell: Console) -> None:
    line = 'exec("class H:\\n def __dir__(self):\\n  while True: pass\\nh = H()")'
    enter(shell, line, 2)
    began = time.monotonic()
    shell.type("h.a\t")
    shell.settle(0.2)
    shell.type("\x15\x0bprint('al' + 'ive')\r")
    shell.wait_for("alive\n")
    assert time.monotonic() - began < 5


def test_ctrl_c_stops_a_program(shell: Console) -> None:
    shell.type("print('u' + 'p'); import time; time.sleep(60)\r")
    shell.wait_for("up\n")
    shell.settle()
    shell.type("\x03")
    assert "KeyboardInterrupt" in shell.wait_for("In [2]: ")


def test_it_asks_and_leaves(shell: Console) -> None:
    shell.type("\x04")
    shell.wait_for("Do you really want to exit")
    shell.type("y\r")
    assert shell.status() == 0


def test_exit(shell: Console) -> None:
    shell.type("exit\r")
    assert shell.status() == 0


def test_history_survives_a_session_that_is_killed(open_console: Open, shell: Console, home: Path) -> None:
    enter(shell, "'remem' + 'bered'", 2)
    os.kill(shell.pid, signal.SIGKILL)
    second = open_console("ipython")
    second.wait_for("In [1]: ")
    second.type("\x1b[A")
    second.settle()
    second.type("\r")
    assert "'remembered'" in second.wait_for("In [2]: ")
    assert (home / ".ivle" / "ipython_history.sqlite").exists()


def test_a_history_that_is_spoiled(open_console: Open, home: Path) -> None:
    (home / ".ivle").mkdir()
    (home / ".ivle" / "ipython_history.sqlite").write_bytes(b"nonsense" * 4000)
    shell = open_console("ipython")
    shell.wait_for("In [1]: ")
    assert "Out[1]: 2" in enter(shell, "1 + 1", 2)


def test_a_home_one_cannot_write_to(open_console: Open) -> None:
    shell = open_console("ipython", environ={"HOME": "/proc"})
    shell.wait_for("In [1]: ")
    assert "Out[1]: 2" in enter(shell, "1 + 1", 2)


def test_a_program_then_the_prompt(open_console: Open, home: Path) -> None:
    (home / "program.py").write_text("import sys\nx = 5\nprint(sys.argv[1:])\ndef f(): return x\n1 / 0\n")
    shell = open_console("ipython", "-i", str(home / "program.py"), "eins", "ü")
    before = shell.wait_for("In [1]: ")
    assert "['eins', 'ü']" in before
    assert "ZeroDivisionError" in before
    assert "Out[1]: 5" in enter(shell, "f()", 2)


@pytest.mark.parametrize("name", ["random", "string", "token", "sqlite3"])
def test_a_file_named_like_a_module(open_console: Open, home: Path, name: str) -> None:
    (home / f"{name}.py").write_text("1 / 0\n")
    shell = open_console("ipython")
    shell.wait_for("In [1]: ")
    assert "Out[1]: 2" in enter(shell, "1 + 1", 2)
    assert "NameError" in enter(shell, "nothing", 3)


def test_it_never_asks_where_the_cursor_is(shell: Console) -> None:
    enter(shell, "1", 2)
    assert b"\x1b[6n" not in shell.content


def test_without_ipython_it_says_so(home: Path) -> None:
    nursery = Nursery("ipython", "-S")
    console = Console(nursery, home)
    assert console.status() == 1
    assert console.text == "IPython is not installed in the students' Python here; a Python console works without it.\n"
    console.close()
    nursery.close()

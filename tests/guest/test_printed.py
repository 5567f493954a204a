"""What a program prints before its prompt is marked in the terminal's stream, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.guest.conftest import Open

INTERRUPT = "\x03"
PRINTED = re.compile(rb"\x1b\[\?8701h(.*?)\x1b\[\?8701l", re.S)
PROGRAM = re.compile(rb"\x1b\[\?8702h.*\x1b\[\?8702l", re.S)
ASKS = b"\x1b[?8703h"
PROMPTS = [("repl", ">>> "), ("ipython", "In [1]: ")]


def run(open_console: Open, home: Path, entry: str, ready: str, code: str, typed: str = "") -> tuple[str, str]:
    """What was marked while the program ran, and all else that came."""
    (home / "program.py").write_text(code)
    console = open_console(entry, "-i", str(home / "program.py"))
    if typed:
        console.wait_for("name? ")
        console.type(typed)
    console.wait_for(ready)
    found = PROGRAM.search(console.content)
    assert found, console.content
    assert console.content.startswith(b"\x1b[?8702h")
    assert not PRINTED.search(console.content[found.end() :])
    marked = b"".join(PRINTED.findall(found[0]))
    return marked.replace(b"\r\n", b"\n").decode(), PRINTED.sub(b"", console.content).replace(b"\r\n", b"\n").decode()


@pytest.mark.parametrize(("entry", "ready"), PROMPTS)
def test_what_is_printed_and_nothing_else(open_console: Open, home: Path, entry: str, ready: str) -> None:
    code = (
        "import os, subprocess, sys\nprint('ä', end=''); print(1, 2); sys.stdout.buffer.write(b'x' * 20000 + b'\\n')\n"
        "print('err', file=sys.stderr); sys.stdout.flush(); os.write(1, b'raw'); subprocess.run(['echo', 'other'])\n"
        "print('last', end='')\n1 / 0\n"
    )
    marked, rest = run(open_console, home, entry, ready, code)
    assert marked == "ä1 2\n" + "x" * 20000 + "\nlast"
    assert all(text in rest for text in ("err", "raw", "other", "ZeroDivisionError"))


@pytest.mark.parametrize(("entry", "ready"), PROMPTS)
def test_what_it_asks(open_console: Open, home: Path, entry: str, ready: str) -> None:
    code = "print('Hello')\ngiven = input('name? ')\nprint('ciao', given)\n"
    marked, rest = run(open_console, home, entry, ready, code, typed="zoe\r")
    assert marked == "Hello\nciao zoe\n"
    assert "name? " in rest.split(ASKS.decode())[1]


def test_no_mark_cuts_a_character_or_a_flush(open_console: Open, home: Path) -> None:
    code = "import sys\nprint('é' * 9000)\nfor part in b'\\xc3', b'\\xa9': sys.stdout.buffer.write(part)\n"
    marked, _ = run(open_console, home, "repl", ">>> ", code)
    assert marked == "é" * 9000 + "\né"


@pytest.mark.parametrize(("entry", "ready"), PROMPTS)
def test_a_traceback_has_no_frames_of_ours(open_console: Open, home: Path, entry: str, ready: str) -> None:
    _, rest = run(open_console, home, entry, ready, "import sys\nsys.stdout.buffer.write('text')")
    assert "TypeError" in rest
    assert "printed.py" not in rest


@pytest.mark.parametrize(("entry", "ready"), PROMPTS)
def test_a_traceback_out_of_a_question(open_console: Open, home: Path, entry: str, ready: str) -> None:
    _, rest = run(open_console, home, entry, ready, "input('name? ')\n", typed="\x04")
    assert "EOFError" in rest
    assert "printed.py" not in rest


@pytest.mark.parametrize(
    "code", ["import sys\nsys.stdout.close()\n", "import os\nos.closerange(1, 2)\nos.dup2(0, 1)\n"]
)
def test_the_prompt_after_a_program_that_closes_its_output(open_console: Open, home: Path, code: str) -> None:
    (home / "program.py").write_text(code)
    console = open_console("repl", "-i", str(home / "program.py"))
    console.wait_for(">>> ")
    assert console.ask("print('there')") == "there\n"


def test_at_the_prompt_nothing_is_marked(open_console: Open, home: Path) -> None:
    (home / "program.py").write_text("import sys\nkept, keys = sys.stdout, sys.stdin\n")
    console = open_console("repl", "-i", str(home / "program.py"))
    console.wait_for(">>> ")
    before = len(console.content)
    assert console.ask("print('a'); print('b', file=kept, flush=True); sys.stdout is sys.__stdout__") == "a\nb\nTrue\n"
    assert console.ask("keys is sys.stdin, keys.fileno()") == "(False, 0)\n"
    assert b"\x1b[?870" not in console.content[before:]


def test_ctrl_c_in_an_endless_program(open_console: Open, home: Path) -> None:
    (home / "program.py").write_text("while True: print('on')\n")
    console = open_console("repl", "-i", str(home / "program.py"))
    console.wait_for("on\non\n")
    console.type(INTERRUPT)
    assert "KeyboardInterrupt" in console.wait_for(">>> ")
    marked = console.content[: console.content.rindex(b"\x1b[?8701l")]
    assert b"KeyboardInterrupt" not in marked


def test_a_console_without_a_program_has_no_marks(open_console: Open) -> None:
    console = open_console("repl")
    console.wait_for(">>> ")
    assert console.ask("print(1)") == "1\n"
    assert b"\x1b[?870" not in console.content

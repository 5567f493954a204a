"""The plain prompt looks and behaves as `python3 -i` does."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guest.terminal import ESCAPES, RUNTIME, Console

Open = Callable[..., Console]
INTERRUPT, END = "\x03", "\x04"


def test_the_banner_is_one_line(open_console: Open) -> None:
    lines = open_console("repl").wait_for(">>> ").splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Python 3.")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("1 + 1", "2\n"),
        ("x = 1", ""),
        ("None", ""),
        ("_", "Traceback"),
        ("'ä 日本 \U0001f600'", "'ä 日本 \U0001f600'\n"),
        ("print('a', end='')", "a"),
        ("", ""),
        ("# nothing", ""),
        ("__name__, __doc__, __package__, __spec__", "('__main__', None, None, None)\n"),
        ("import sys; sys.argv, sys.path[0], sys.flags.interactive", "([''], '', 0)\n"),
        ("sorted(globals())", "['__annotations__', '__builtins__', '__doc__', '__loader__', '__name__', '__package__'"),
        ("import __main__; __main__.__dict__ is globals()", "True\n"),
        ("exit", "Use exit() or Ctrl-D (i.e. EOF) to exit\n"),
    ],
)
def test_a_line(prompt: Console, line: str, wanted: str) -> None:
    assert prompt.ask(line).startswith(wanted)


def test_names_stay(prompt: Console) -> None:
    prompt.ask("x = 20")
    assert prompt.ask("x + 1") == "21\n"
    assert prompt.ask("_ * 2") == "42\n"


def test_a_block(prompt: Console) -> None:
    assert prompt.ask("for n in 'ab':", "... ") == ""
    assert prompt.ask("    print(n)", "... ") == ""
    assert prompt.ask("") == "a\nb\n"


def test_a_future_stays(prompt: Console) -> None:
    prompt.ask("from __future__ import annotations")
    assert prompt.ask("f = lambda: 0; x: nothing = 1; __annotations__") == "{'x': 'nothing'}\n"


def test_a_traceback_has_no_frames_of_ours(prompt: Console) -> None:
    shown = prompt.ask("1 / 0")
    assert shown.startswith('Traceback (most recent call last):\n  File "<python-input-0>", line 1, in <module>\n')
    assert shown.endswith("ZeroDivisionError: division by zero\n")
    assert "guest" not in shown


def test_a_traceback_out_of_a_repr_has_no_frames_of_ours(prompt: Console) -> None:
    prompt.ask("class Bad:", "... ")
    prompt.ask("    def __repr__(self): return 1 / 0", "... ")
    prompt.ask("")
    shown = prompt.ask("Bad()")
    assert shown.count("  File ") == 2
    assert "guest" not in shown


def test_the_last_error_is_kept(prompt: Console) -> None:
    prompt.ask("import sys, traceback")
    prompt.ask("1 / 0")
    assert prompt.ask("sys.last_type.__name__, sys.last_value, sys.last_traceback.tb_lineno") == (
        "('ZeroDivisionError', ZeroDivisionError('division by zero'), 1)\n"
    )


@pytest.mark.parametrize("line", ["x = = 1", "'unfinished", "return 5"])
def test_a_syntax_error_is_told(prompt: Console, line: str) -> None:
    assert "SyntaxError" in prompt.ask(line)
    assert prompt.ask("1") == "1\n"


def test_a_hook_of_the_programs_own(prompt: Console) -> None:
    prompt.ask("import sys; sys.excepthook = lambda t, v, b: print('hook', t.__name__)")
    assert prompt.ask("1 / 0") == "hook ZeroDivisionError\n"
    prompt.ask("sys.excepthook = lambda *a: 1 // 0")
    assert "Error in sys.excepthook" in prompt.ask("[][1]")


@pytest.mark.parametrize(("line", "status"), [("exit()", 0), ("exit(3)", 3), ("import sys; sys.exit('why')", 1)])
def test_it_leaves(prompt: Console, line: str, status: int) -> None:
    prompt.type(line + "\r")
    assert prompt.status() == status
    assert ("why" in prompt.text.rpartition(line)[2]) == ("why" in line)


def test_ctrl_d_leaves(prompt: Console) -> None:
    prompt.ask("import atexit; _ = atexit.register(print, 'bye')")
    prompt.type(END)
    assert prompt.status() == 0
    assert prompt.text.endswith("\nbye\n")


def test_ctrl_c_at_the_prompt(prompt: Console) -> None:
    prompt.type("half a line")
    prompt.settle()  # as with python3, one that comes between two keys is heard at the next
    prompt.type(INTERRUPT)
    assert "KeyboardInterrupt" in prompt.wait_for(">>> ")
    assert prompt.ask("1") == "1\n"


def test_ctrl_c_in_a_block(prompt: Console) -> None:
    prompt.ask("if True:", "... ")
    prompt.settle(0.2)  # as with python3, it is heard once the line is being edited
    prompt.type(INTERRUPT)
    assert "KeyboardInterrupt" in prompt.wait_for(">>> ")


@pytest.mark.parametrize("line", ["while True: pass", "import time; time.sleep(60)", "input()"])
def test_ctrl_c_stops_a_program(prompt: Console, line: str) -> None:
    prompt.ask("print('beg' + 'un')")
    prompt.type(f"print('up' + 'and'); {line}\r" if "while" not in line else line + "\r")
    if "while" in line:
        prompt.wait_for("... ")
        prompt.type("\r")
    else:
        prompt.wait_for("upand")
    prompt.settle(0.1)
    prompt.type(INTERRUPT)
    shown = prompt.wait_for(">>> ")
    assert "KeyboardInterrupt" in shown
    assert "guest" not in shown


def test_a_storm_of_ctrl_c_leaves_a_prompt(prompt: Console) -> None:
    for _ in range(100):
        os.kill(prompt.pid, signal.SIGINT)
        prompt.pump(0.005)
    prompt.settle()
    prompt.type(INTERRUPT)
    prompt.settle()
    prompt.wait_for(">>> ")
    prompt.type("print('al' + 'ive')\r")
    prompt.wait_for("alive\n>>> ")


def test_a_repr_that_loops_is_interrupted(prompt: Console) -> None:
    prompt.ask("class Loops:", "... ")
    prompt.ask("    def __repr__(self):", "... ")
    prompt.ask("        print('loo' + 'ping', flush=True)", "... ")
    prompt.ask("        while True: pass", "... ")
    prompt.ask("")
    prompt.type("Loops()\r")
    prompt.wait_for("looping")
    prompt.type(INTERRUPT)
    assert "KeyboardInterrupt" in prompt.wait_for(">>> ")


def test_streams_a_program_has_replaced(prompt: Console) -> None:
    prompt.ask("import io, sys; sys.stdout = io.StringIO(); sys.stdin = io.StringIO('x')")
    assert prompt.ask("1 + 1") == ""
    prompt.ask("sys.stdout.close(); sys.stdout = sys.__stdout__; sys.stdin = sys.__stdin__")
    assert prompt.ask("1 + 1") == "2\n"


def test_a_stdout_a_program_has_closed(prompt: Console) -> None:
    prompt.ask("import sys; sys.stdout.close()")
    assert prompt.ask("print('again')") == "again\n"


def test_prompts_of_the_persons_own(prompt: Console) -> None:
    prompt.ask("import sys; sys.ps1 = 'dear' + '> '", "dear> ")
    assert prompt.ask("1", "dear> ") == "1\n"


def test_pasted_text_is_one_text(prompt: Console) -> None:
    """Empty lines inside a function, and tabs, are as in a file; each statement shows its value."""
    text = "def f():\n\ta = 1\n\n\treturn a\n\nf()\nf() + 1"
    prompt.type(f"\x1b[200~{text}\x1b[201~")
    prompt.type("\r")
    assert prompt.wait_for(">>> ").endswith("1\n2\n")


def test_pasted_text_goes_on(prompt: Console) -> None:
    prompt.type("\x1b[200~def f(\n  a\x1b[201~\r")
    prompt.wait_for("... ")
    assert prompt.ask("): return a * 2") == ""
    assert prompt.ask("f(4)") == "8\n"


def test_lines_are_edited(prompt: Console) -> None:
    prompt.type("+ 3\x7f2\x011 \x05 + 0\r")  # backspace, to the begin, to the end
    assert prompt.wait_for(">>> ").endswith("\n3\n")
    prompt.type("\x1b[A\r")  # up
    assert prompt.wait_for(">>> ").endswith("\n3\n")


@pytest.mark.parametrize("question", ["?len", "len?", "len ?", "? len"])
def test_what_a_name_is(prompt: Console, question: str) -> None:
    shown = prompt.ask(question)
    assert "len(obj, /)" in shown
    assert "Return the number of items in a container." in shown


def test_how_a_name_is_written(prompt: Console) -> None:
    assert "def dedent(text):" in prompt.ask("import textwrap; d = textwrap.dedent") + prompt.ask("??textwrap.dedent")
    prompt.ask("def mine(a): return a * 7", "... ")
    prompt.ask("")
    assert "def mine(a): return a * 7" in prompt.ask("mine??")


def test_a_name_there_is_not(prompt: Console) -> None:
    assert prompt.ask("nothing?") == "There is nothing called 'nothing' here.\n"
    assert "Ctrl-D" in prompt.ask("?")


def test_programs_see_the_size_of_the_terminal(prompt: Console) -> None:
    prompt.resize(50, 200)
    prompt.settle()
    prompt.type("import os; _ = os.system('stty size; echo $LINES $COLUMNS.')\r")
    prompt.wait_for("50 200\n.\n")


def test_help(prompt: Console) -> None:
    prompt.type("help(len)\r")
    prompt.wait_for("built-in function len")
    prompt.settle(0.2)
    prompt.type("q")
    prompt.wait_for(">>> ")


def test_a_program_that_leaves_the_terminal_raw(prompt: Console) -> None:
    prompt.ask("import tty, os; tty.setraw(0); os.set_blocking(0, False)")
    assert prompt.ask("1 + 1") == "2\n"
    assert prompt.ask("for n in range(2): print('line')", "... ") == ""
    assert prompt.ask("") == "line\nline\n"


def test_another_program_in_the_foreground_that_is_gone(prompt: Console) -> None:
    prompt.ask("import os, signal")
    prompt.ask("take = lambda: (os.setpgid(0, 0), signal.signal(22, signal.SIG_IGN), os.tcsetpgrp(0, os.getpid()))")
    prompt.ask("os.waitpid(os.fork() or (take(), os._exit(0)), 0)[1]")
    assert prompt.ask("1") == "1\n"


def test_the_terminal_goes_away(prompt: Console) -> None:
    os.close(prompt.slave)
    os.close(prompt.master)
    prompt.slave = prompt.master = -1
    assert prompt.nursery.status_of(prompt.pid) != 70


def test_standard_input_that_ends(prompt: Console) -> None:
    prompt.type("import os; os.close(0)\r")
    assert isinstance(prompt.status(), int)


PROGRAMS = {
    "names": "x = 5\n",
    "prints": "print('hello')\n",
    "fails": "def f(): 1 / 0\nf()\n",
    "exits": "import sys\nsys.exit(3)\n",
    "syntax": "x = = 1\n",
    "hook": "import sys\nsys.excepthook = lambda *a: print('hook')\n1 / 0\n",
}
LINES = ("x if 'x' in globals() else None", "__file__.rpartition('/')[2]", "import sys; sys.argv[1:]",
         "sys.path[0] != ''", "sorted(globals())", "hasattr(sys, 'last_type')")  # fmt: skip


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_then_the_prompt_as_python_does(open_console: Open, home: Path, code: str) -> None:
    (home / "program.py").write_text(code)
    console = open_console("repl", "-i", str(home / "program.py"), "eins", "ü")
    ours = [console.wait_for(">>> "), *(console.ask(line) for line in LINES)]
    ours = [re.sub("<python-input-[0-9]+>", "<stdin>", text) for text in ours]
    assert ours == by_python(home, [str(home / "program.py"), "eins", "ü"], LINES)


def by_python(home: Path, arguments: list[str], lines: tuple[str, ...]) -> list[str]:
    """The same by the real thing: what comes before the first prompt, and after each line."""
    master, slave = pty.openpty()
    environ = {"HOME": str(home), "TERM": "dumb", "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [RUNTIME / "bin" / "python", "-i", *arguments], stdin=slave, stdout=slave, stderr=slave, env=environ, cwd=home
    )
    os.close(slave)
    pieces = []
    for line in (None, *lines):
        if line is not None:
            os.write(master, line.encode() + b"\r")
        content = b""
        while not content.endswith(b">>> "):
            assert select.select([master], [], [], 20)[0], content
            content += os.read(master, 4096)
        text = ESCAPES.sub(b"", content).replace(b"\r", b"").decode().removesuffix(">>> ")
        pieces.append(text if line is None else text.partition("\n")[2])
    process.kill()
    process.wait()
    os.close(master)
    return pieces


def test_a_program_that_is_not_there(open_console: Open, home: Path) -> None:
    console = open_console("repl", "-i", str(home / "none.py"))
    assert "can't open file" in console.wait_for(">>> ")


def test_ctrl_c_in_the_program_gives_the_prompt(open_console: Open, home: Path) -> None:
    (home / "program.py").write_text("x = 7\nprint('up')\nwhile True: pass\n")
    console = open_console("repl", "-i", str(home / "program.py"))
    console.wait_for("up\n")
    console.type(INTERRUPT)
    assert "KeyboardInterrupt" in console.wait_for(">>> ")
    assert console.ask("x") == "7\n"


@pytest.mark.parametrize("name", ["random", "readline", "rlcompleter", "inspect", "traceback", "code", "codeop", "ast"])
def test_a_file_named_like_a_module(open_console: Open, home: Path, name: str) -> None:
    """It is the person's own that an import finds, and the prompt goes on working."""
    (home / f"{name}.py").write_text("mine = 'mine'\n")
    console = open_console("repl")
    console.wait_for(">>> ")
    assert console.ask(f"import {name}; {name}.mine") == "'mine'\n"
    console.type("pri\t'x')\r")
    assert "x" in console.wait_for(">>> ")
    assert "ZeroDivisionError" in console.ask("1 / 0")


def test_parked_it_is_the_same(open_console: Open) -> None:
    console = open_console("repl", parks=True)
    console.wait_for(">>> ")
    assert console.ask("sorted(n for n in globals() if 'rehears' in n)") == "[]\n"
    console.type("pri\t1)\r")
    assert console.wait_for(">>> ").endswith("1\n")


def test_a_thread_is_waited_for_and_ctrl_c_ends_that(prompt: Console) -> None:
    prompt.ask("import threading, time; t = threading.Thread(target=time.sleep, args=(60,)); t.start()")
    prompt.type(END)
    prompt.settle()
    prompt.type(INTERRUPT)
    assert prompt.status() == 0

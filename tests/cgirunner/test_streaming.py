"""Lines reach the browser as they are printed, and a program ends with its last viewer."""

from __future__ import annotations

import asyncio
import os

import pytest

# Prints a line, then waits until the test answers through a FIFO.
STEPWISE = """
import os
{first}
open('gate', 'rb').read()
print('two')
"""


@pytest.fixture
def gate(home):
    path = home.folder / "gate"
    os.mkfifo(path)
    return path


async def open_gate(gate) -> None:
    """Waits for the program to stand at it."""
    await asyncio.to_thread(gate.write_bytes, b"go")


@pytest.mark.parametrize(
    ("first", "arrives"),
    [
        ("print('one')", b"one\n"),
        ("print('Content-Type: text/html\\n\\n<p>one')", b"<p>one\n"),
        ("print('Content-Type: text/html\\n\\n', end='')", b""),
    ],
)
def test_lines_arrive_as_they_are_printed(owner, home, gate, first, arrives) -> None:
    home.write("program.py", STEPWISE.format(first=first))

    async def story(exchange):
        reply = await exchange.until(lambda reply: reply.status and reply.body == arrives)
        assert not reply.whole
        assert reply["Content-Length"] is None
        await open_gate(gate)

    reply = owner.during("/serve/student/program.py", story)
    assert (reply.body, reply.whole) == (arrives + b"two\n", True)


def test_a_header_block_may_come_line_by_line(owner, home, gate) -> None:
    home.write("program.py", "print('Content-Type: text/html')\nopen('gate').read()\nprint()\nprint('<p>')")

    async def story(exchange):
        await open_gate(gate)

    assert owner.during("/serve/student/program.py", story)["Content-Type"] == "text/html"


@pytest.mark.parametrize("first", ["print('one')", "pass"])
def test_a_program_ends_when_its_viewer_leaves(owner, home, supervisor, first) -> None:
    home.write("program.py", f"import time\n{first}\nprint(flush=True)\ntime.sleep(600)")

    async def story(exchange):
        await exchange.until(lambda reply: reply.status)
        exchange.incoming.put_nowait({"type": "http.disconnect"})

    assert not owner.during("/serve/student/program.py", story).whole
    assert supervisor.idle.wait(10)
    assert supervisor.stops == ["killed"]


def test_a_program_that_closes_its_output_still_has_its_viewer(owner, home, gate) -> None:
    home.write("program.py", "import os\nprint('one')\nos.close(1)\nos.close(2)\nopen('gate').read()")

    async def story(exchange):
        reply = await exchange.until(lambda reply: reply.body == b"one\n")
        assert not reply.whole
        await open_gate(gate)

    assert owner.during("/serve/student/program.py", story).body == b"one\n"


def test_a_quick_program_is_answered_in_one_piece(run) -> None:
    reply = run("print('one')\nprint('two')")
    assert (reply.pieces, reply["Content-Length"]) == ([b"one\ntwo\n"], "8")

"""Lines reach the browser as they are printed, and a program ends with its last viewer."""

from __future__ import annotations

import asyncio

import pytest

from tests.cgirunner.conftest import WAIT


@pytest.mark.parametrize(
    ("first", "arrives"),
    [
        ("print('one')", b"one\n"),
        ("print('Content-Type: text/html\\n\\n<p>one')", b"<p>one\n"),
        ("print('Content-Type: text/html\\n\\n', end='')", b""),
    ],
)
def test_lines_arrive_as_they_are_printed(owner, home, gate, first, arrives) -> None:
    home.write("program.py", f"{first}\n{WAIT}\nprint('two')")

    async def story(exchange):
        reply = await exchange.until(lambda reply: reply.status and reply.body == arrives)
        assert not reply.whole
        assert reply["Content-Length"] is None
        await gate.open()

    reply = owner.during("/serve/student/program.py", story)
    assert (reply.body, reply.whole) == (arrives + b"two\n", True)


def test_a_header_block_may_come_line_by_line(owner, home, gate) -> None:
    home.write("program.py", f"print('Content-Type: text/html')\n{WAIT}\nprint()\nprint('<p>')")

    async def story(exchange):
        await gate.open()

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
    home.write("program.py", f"import os\nprint('one')\nos.close(1)\nos.close(2)\n{WAIT}")

    async def story(exchange):
        reply = await exchange.until(lambda reply: reply.body == b"one\n")
        assert not reply.whole
        await gate.open()

    assert owner.during("/serve/student/program.py", story).body == b"one\n"


def test_a_program_that_never_gets_there_fails_the_test_at_once(owner, home, gate) -> None:
    """The tests above must end, whatever is broken."""
    home.write("program.py", "raise SystemExit(1)")

    async def story(exchange):
        await exchange.until(lambda reply: reply.whole)
        await asyncio.wait_for(gate.open(), 0.2)

    with pytest.raises(ExceptionGroup) as caught:
        owner.during("/serve/student/program.py", story)
    assert caught.group_contains(TimeoutError)


@pytest.mark.usefixtures("patient")
def test_a_quick_program_is_answered_in_one_piece(run) -> None:
    reply = run("print('one')\nprint('two')")
    assert (reply.pieces, reply["Content-Length"]) == ([b"one\ntwo\n"], "8")

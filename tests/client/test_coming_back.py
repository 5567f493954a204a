"""A connection that is cut in the middle costs no byte, in neither direction."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.client.relay import Relay
from tests.client.seat import Seat, in_pipes, with_pipes


@pytest.fixture
def url(relay: Relay) -> str:
    return f"http://localhost:{relay.port}/"


def test_every_byte_of_output(relay: Relay, url: str, token: str) -> None:
    relay.down_bytes = 21_001, 140_003, 1_003
    ended = in_pipes(url, "--new", "bash", token=token, typed=b"echo be''gin; seq 1 40000; echo e''nd; exit\n")
    assert ended.returncode == 0
    output = re.search(rb"begin\r\n(.*)end\r\n", ended.stdout, re.DOTALL)
    assert output
    assert output[1] == b"".join(b"%d\r\n" % number for number in range(1, 40001))
    assert relay.cuts >= 4


def test_every_byte_of_input(relay: Relay, url: str, token: str) -> None:
    relay.up_bytes = 17_003, 40_009, 33_011
    letters = b"".join(b"%08d" % number for number in range(25_000))
    program = b"stty raw -echo; echo re''ady; head -c 200000 | md5sum; stty sane; exit\n"
    with with_pipes(url, "--new", "bash", token=token) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(program)
        process.stdin.flush()
        seen = b""
        while b"ready" not in seen:
            seen += process.stdout.read1()
        process.stdin.write(letters)
        process.stdin.close()
        seen += process.stdout.read()
        assert process.wait(30) == 0, seen[-3000:]
    assert hashlib.md5(letters).hexdigest().encode() in seen
    assert relay.cuts >= 5


def test_in_a_terminal(relay: Relay, url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token) as seat:
        seat.until(rb">>> ")
        seat.type(b"x = 41\r")
        seat.until(rb"41\r\n[^>]*>>> ")
        for number in range(5):
            relay.cut_all()
            seat.type(b"x + %d\r" % number)
            seat.until(rb"\r%d\r\n" % (41 + number))
        seat.type(b"\x04")
        assert seat.end() == 0
        assert seat.is_clean()


def test_what_is_typed_while_away_arrives(relay: Relay, url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token) as seat:
        seat.until(rb">>> ")
        relay.refuses = True
        relay.cut_all()
        seat.until(rb"The connection is lost; trying again")
        seat.type(b"'typed' + ' away'\r")
        relay.refuses = False
        seat.until(rb"'typed away'")
        assert b"is missing" not in seat.seen


def test_queries_of_old_output_are_not_asked_again(relay: Relay, url: str, token: str) -> None:
    """One that comes back shows what it has missed; a terminal would type an answer to it."""
    with Seat(url, "--new", "bash", "--name", "asks", token=token) as first:
        first.until(rb"\$ ")
        first.type(b"printf 'a\\033[6nb\\033[cc\\n'\r")
        first.until(rb"a\x1b\[6nb\x1b\[cc\r\n")
        with Seat(url, "--name", "asks", token=token) as second:
            second.until(rb"abc\r\n")
            assert b"\x1b[6n" not in second.seen


def test_lost_for_good(relay: Relay, url: str, token: str) -> None:
    with Seat(url, "--new", "python", "--patience", "1", token=token) as seat:
        seat.until(rb">>> ")
        seat.type(b"print('\\033[?1049h\\033[?1000h\\033[?25l' + 'full')\r")
        seat.until(rb"full\r\n")
        relay.refuses = True
        relay.cut_all()
        assert seat.end() == 255
        assert seat.is_clean()
        assert "so this client gave up" in seat.last_line

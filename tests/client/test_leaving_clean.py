"""However it ends, the terminal is as it was."""

from __future__ import annotations

import os
import signal

import pytest

from tests.cgirunner.whole_site import Site
from tests.client.conftest import Consoles
from tests.client.seat import Seat, with_pipes

# A program that leaves everything switched: alternate screen, mouse, bracketed paste, no cursor, half a sequence.
MESS = (
    b"import time; print('\\033[?1049h\\033[?1002;1006h\\033[?2004h\\033[?25l' + 'me' + 'ss\\033]0;half', flush=True)"
)


@pytest.fixture
def url(site: Site) -> str:
    return f"http://localhost:{site.port}/"


@pytest.fixture
def messy(url: str, token: str):
    with Seat(url, "--new", "python", "--name", "messy", token=token) as seat:
        seat.until(rb">>> ")
        seat.type(MESS + b"; time.sleep(1000)\r")
        seat.until(rb"mess")
        assert seat.is_raw()
        assert not seat.is_clean()
        yield seat


def test_by_the_escape(messy: Seat) -> None:
    messy.type(b"\r~.")
    assert messy.end() == 0
    assert messy.is_clean()
    assert messy.last_line.startswith("ivle: You left. The console goes on: http://")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_by_a_signal(messy: Seat, number: signal.Signals) -> None:
    messy.signal(number)
    assert messy.end() == 128 + number
    assert messy.is_clean()
    assert messy.last_line.startswith(f"ivle: Stopped by {number.name}. The console goes on: http://")


def test_by_the_consoles_end(messy: Seat, consoles: Consoles) -> None:
    [console] = consoles.list()
    consoles.end(console["id"])
    assert messy.end() in (254, 255)
    assert messy.is_clean()


def test_by_the_programs_end(url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token) as seat:
        seat.until(rb">>> ")
        seat.type(MESS + b"; import os; os._exit(9)\r")
        assert seat.end() == 9
        assert seat.is_clean()


def test_by_a_fault_of_our_own(url: str, token: str) -> None:
    """An exception that nobody expects still finds the terminal restored."""
    breaks = (
        "import sys; from client import commands, sitting; from client.conversation import Conversation\n"
        "def break_down(*_): raise RuntimeError('broken')\n"
        "Conversation.on_replayed = break_down\n"
        "sys.exit(commands.main(sys.argv[1:]))"
    )
    with Seat(url, "--new", "python", token=token, program=("-c", breaks)) as seat:
        assert seat.end() == 1
        assert b"RuntimeError: broken" in seat.seen
        assert seat.is_clean()


def test_by_a_terminal_that_hangs_up(url: str, token: str) -> None:
    seat = Seat(url, "--new", "python", token=token)
    seat.until(rb">>> ")
    os.close(seat.slave)
    os.close(seat.master)
    assert seat.process.wait(30) == 128 + signal.SIGHUP


def test_stopped_and_continued(url: str, token: str) -> None:
    with Seat(url, "--new", "python", token=token) as seat:
        seat.until(rb">>> ")
        seat.signal(signal.SIGTSTP)
        os.waitid(os.P_PID, seat.process.pid, os.WSTOPPED | os.WNOWAIT)
        assert not seat.is_raw()
        seat.signal(signal.SIGCONT)
        seat.type(b"'go' + 'es on'\r")
        seat.until(rb"'goes on'")
        assert seat.is_raw()


def test_without_a_reader(url: str, token: str) -> None:
    with with_pipes(url, "--new", "bash", token=token) as process:
        process.stdout.close()
        process.stdin.write(b"seq 1 100000\n")
        process.stdin.flush()
        said = process.stderr.read()
        assert process.wait(30) == 128 + signal.SIGPIPE
    assert said == b"ivle: Nobody reads the output any more.\n"

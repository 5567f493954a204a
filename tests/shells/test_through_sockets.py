"""Guests at a real site, by sockets alone: what they reach, slow ones, and what becomes of those who leave."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing, suppress

import pytest

from shells import sweeping
from tests.console.test_through_sockets import Screen
from tests.console.wire import Refused, WebSocket
from tests.sandbox.jail import until
from tests.shells.conftest import capability_at, manage, open_shell, running, web_server

MIB = 1024 * 1024


def test_a_prompt_and_an_answer(site) -> None:
    with closing(open_shell(site)) as socket:
        screen = Screen(socket)
        screen.until(b"This Python is yours for 20 minutes. Nothing of it is kept.", b">>> ")
        screen.type(b"6*7\r")
        screen.until(b"42\r\n")


def test_no_files_of_anybody_and_no_network(site) -> None:
    with closing(open_shell(site)) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"import os; os.listdir('/home'), [n for n in os.listdir() if n != '.ivle']\r")
        screen.until(b"(['student'], [])")
        screen.type(b"import socket; socket.create_connection(('127.0.0.1', %d), 1)\r" % site.port)
        screen.until(b"Error: [Errno ")


def test_nothing_is_kept(site) -> None:
    with closing(open_shell(site)) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"open('kept', 'w').write('x'); kept = 1\r")
        screen.until(b"1\r\n")
        socket.tell("end")
        assert socket.hear_of("closing")["reason"] == "ended"
    assert sorted(path.name for path in (site.data / "homes").iterdir()) == [
        "admin",
        "classmate",
        "lecturer",
        "student",
    ]
    with closing(open_shell(site)) as socket:
        screen = Screen(socket)
        screen.until(b">>> ")
        screen.type(b"import os; os.path.exists('kept'), 'kept' in globals()\r")
        screen.until(b"(False, False)")


def test_a_capability_is_nothing_to_the_rest_of_the_site(site) -> None:
    text = capability_at(site)
    for path in ("/api/consoles", "/api/files/list", "/api/terminals"):
        for headers in ({"authorization": f"Bearer {text}"}, {"cookie": f"ivle-session={text}"}):
            status, _ = site.ask(path, **headers)
            assert status == 401, path
    for path in ("/console/", "/files/", "/shells/guests/"):
        status, _ = site.ask(path, cookie=f"ivle-session={text}")
        assert (status, site.reply.headers["location"].partition("?")[0]) == (302, "/login/")


def test_nor_to_consoles_of_people(site) -> None:
    protocols = f"ivle.console.1, ivle.guest.{capability_at(site)}"
    for path in ("/console/new/socket?client=a", "/console/guest-1/socket?client=a", "/terminals/websocket/1"):
        with pytest.raises(Refused, match="403"):
            WebSocket(site.port, path, protocols, origin="null")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:{port}", "http://127.0.0.1"])
def test_an_origin(site, origin) -> None:
    with pytest.raises(Refused, match="403"):
        open_shell(site, origin=origin.format(port=site.port))
    assert running(site) == []


def test_one_page_at_a_time(site) -> None:
    text = capability_at(site)
    with closing(open_shell(site, text)) as first, closing(open_shell(site, text)) as second:
        second.hear_of("welcome")
        assert first.hear_of("closing")["reason"] == "elsewhere"
        assert len(running(site)) == 1


class TestLeaving:
    def test_without_a_word(self, site) -> None:
        """As when a browser crashes: the warden ends it."""
        socket = open_shell(site)
        socket.hear_of("welcome")
        left = time.monotonic()
        socket.close()
        until(lambda: not running(site), "it has ended")
        assert time.monotonic() - left < sweeping.GRACE_SECONDS + 3 * sweeping.EVERY_SECONDS

    def test_and_coming_back_soon(self, site) -> None:
        text = capability_at(site)
        with closing(open_shell(site, text)) as socket:
            screen = Screen(socket)
            screen.until(b">>> ")
            screen.type(b"kept = 6 * 7\r")
            screen.until(b"6 * 7\r\n")
        with closing(open_shell(site, text)) as socket:
            screen = Screen(socket)
            screen.type(b"kept\r")
            screen.until(b"42\r\n")

    def test_the_web_server_dies(self, site) -> None:
        text = capability_at(site)
        socket = open_shell(site, text)
        socket.hear_of("welcome")
        [before] = running(site)
        os.kill(web_server(site).pid, signal.SIGKILL)
        socket.close()
        again: list[WebSocket] = []

        def comes_back() -> bool:
            with suppress(OSError, EOFError, Refused):
                again.append(open_shell(site, text))
            return bool(again)

        until(comes_back, "the web server is back")
        with closing(again[0]) as socket:
            socket.hear_of("welcome")
            assert running(site) == [before]

    def test_all_of_them_when_it_is_switched_off(self, site) -> None:
        text = capability_at(site)
        with closing(open_shell(site)) as socket:
            socket.hear_of("welcome")
            assert manage(site, "off") == ["No more guests; shells ended: 1."]
            assert "switched off" in socket.hear_of("closing")["sentence"]
        with closing(open_shell(site, text)) as socket:
            assert "switched off" in socket.hear_of("closing")["sentence"]


def test_a_slow_socket_holds_its_own_program_and_nothing_else(site) -> None:
    web = web_server(site)
    before = web.memory_info().rss
    with closing(open_shell(site)) as slow, closing(open_shell(site)) as other:
        slow.hear_of("welcome")
        slow.type(0, b"while True: print('x' * 1000)\r\r")  # and nobody reads, or says that it has read
        screen = Screen(other)
        screen.until(b">>> ")
        for number in range(20):
            screen.type(b"%d * 7\r" % number)
            screen.until(b"%d\r\n" % (number * 7))
        assert web.memory_info().rss - before < 20 * MIB
        slow.tell("interrupt")

"""A long answer waits for whoever reads it, over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

MIB = 1024 * 1024
PIECES = 64  # of a MiB; more than kernel and server together take in advance
SERVER = """
import asyncio, json, sys
import ivle.web
from ivle.readers_pace import AtReadersPace

given = {}

async def application(scope, receive, send):
    kind = {"/events": b"text/event-stream"}.get(scope["path"], b"application/zip")
    if scope["path"] == "/given":
        body = json.dumps(given).encode()
        head = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    for number in range(1, PIECES + 1):
        await send({"type": "http.response.body", "body": b"x" * 1048576, "more_body": True})
        given[scope["path"]] = number
    await send({"type": "http.response.body"})
    given[scope["path"]] = "all"

PIECES = int(sys.argv[2])
ivle.web.make_server(AtReadersPace(application), f"fd:fileno={sys.argv[1]}").run()
"""


@pytest.fixture
def address(checkout) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listener.fileno()), str(PIECES)],
            cwd=checkout, env=environ, pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert server.stdout.readline() == b"ready\n"
            yield listener.getsockname()
        finally:
            server.terminate()
            assert server.wait(10) == 0
            server.stdout.close()


def ask(address, path: str) -> socket.socket:
    connection = socket.create_connection(address, timeout=20)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return connection


def read_all(connection: socket.socket) -> bytes:
    with connection, connection.makefile("rb") as stream:
        return stream.read()


def given(address, path: str) -> int | str:
    """How many pieces the server has taken, once it takes no more for as long as fifty questions need."""
    seen, since = None, 0
    while since < 50:
        now = json.loads(read_all(ask(address, "/given")).partition(b"\r\n\r\n")[2]).get(path, 0)
        seen, since = now, since + 1 if now == seen else 0
    return seen


def test_it_waits_and_then_comes_whole(address) -> None:
    connection = ask(address, "/zip")
    assert given(address, "/zip") < 16
    assert read_all(connection).count(b"x") == PIECES * MIB
    assert given(address, "/zip") == "all"


def test_whoever_leaves_does_not_keep_it_waiting(address) -> None:
    connection = ask(address, "/zip")
    assert given(address, "/zip") < 16
    connection.close()
    assert given(address, "/zip") == "all"


def test_events_do_not_wait(address) -> None:
    with ask(address, "/events"):
        assert given(address, "/events") == "all"


def test_two_answers_on_one_connection(address) -> None:
    with socket.create_connection(address, timeout=20) as connection:
        question = b"GET /zip HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
        connection.sendall(question % b"" + question % b"Connection: close\r\n")
        assert given(address, "/zip") < 16
        with connection.makefile("rb") as stream:
            assert stream.read().count(b"x") == 2 * PIECES * MIB

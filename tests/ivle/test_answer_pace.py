"""A browser that does not read holds back whoever sends to it, over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

PIECE = 256 * 1024
PIECES = 200
SERVER = f"""
import asyncio, json, sys, time
import ivle.web
from ivle import answer_pace

answer_pace.STALLED_SECONDS = 0.5
sent = {{"pieces": 0, "over": 0, "stalled": {PIECES}}}

async def application(scope, receive, send):
    start = {{"type": "http.response.start", "status": 200, "headers": []}}
    if scope["path"] == "/sent":
        await send(start)
        await send({{"type": "http.response.body", "body": json.dumps(sent).encode()}})
        return
    sent["pieces"] = 0
    try:
        await send(start)
        for _ in range({PIECES}):
            began = time.monotonic()
            await send({{"type": "http.response.body", "body": b"x" * {PIECE}, "more_body": True}})
            sent["pieces"] += 1
            if time.monotonic() - began > 0.4:
                sent["stalled"] = sent["pieces"]
        await send({{"type": "http.response.body"}})
    finally:
        sent["over"] += 1

ivle.web.make_server(application, f"fd:fileno={{sys.argv[1]}}").run()
"""


@pytest.fixture
def connect(checkout) -> Iterator[Callable[..., socket.socket]]:
    opened = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listener.fileno())],
            cwd=checkout, env={**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"},
            pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
        )  # fmt: skip

        def ask(path: str) -> socket.socket:
            opened.append(socket.create_connection(listener.getsockname(), timeout=30))
            opened[-1].sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return opened[-1]

        try:
            assert server.stdout.readline() == b"ready\n"
            yield ask
        finally:
            for each in opened:
                each.close()
            server.terminate()
            assert server.wait(10) == 0
            server.stdout.close()


def everything(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        return stream.read()


def sent(connect) -> dict[str, int]:
    return json.loads(everything(connect("/sent")).partition(b"\r\n\r\n")[2].split(b"\r\n")[1])


def until_over(connect) -> int:
    """How many pieces had been sent when the browser was seen not to read."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = sent(connect)
        if now["over"]:
            return now["stalled"]
    raise AssertionError("the application still waits")


def test_who_reads_gets_it_all(connect) -> None:
    assert everything(connect("/")).count(b"x") == PIECE * PIECES
    assert sent(connect)["pieces"] == PIECES


def test_who_does_not_read_gets_little_and_is_cut_off(connect) -> None:
    connection = connect("/")
    assert connection.recv(1) == b"H"
    assert until_over(connect) < PIECES / 2
    with pytest.raises(ConnectionResetError):
        everything(connection)


def test_who_leaves_lets_go(connect) -> None:
    connect("/").close()
    until_over(connect)

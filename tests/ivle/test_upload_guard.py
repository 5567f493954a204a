"""What the web server refuses before any application sees it, asked over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

MIB = 1024 * 1024
LIMIT = MIB  # and 1 MiB of slack
TOTAL = 3 * MIB
SERVER = """
import json, sys
import ivle.web
from ivle.upload_guard import GuardedRequest

async def application(scope, receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    body = json.dumps({"size": size, "held": GuardedRequest.total_bytes}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

ivle.web.make_server(application, f"fd:fileno={sys.argv[1]}").run()
"""


@pytest.fixture(scope="module")
def address(checkout) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ivle.settings",
            "IVLE_UPLOAD_MAX_BYTES": str(LIMIT),
            "IVLE_UPLOADS_TOTAL_BYTES": str(TOTAL),
        }
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listener.fileno())],
            cwd=checkout, env=environ, pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert server.stdout.readline() == b"ready\n"
            yield listener.getsockname()
        finally:
            server.terminate()
            assert server.wait(10) == 0
            server.stdout.close()


@pytest.fixture
def connect(address) -> Iterator[Callable[[], socket.socket]]:
    opened = []

    def open_one() -> socket.socket:
        opened.append(socket.create_connection(address, timeout=10))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def head(*lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} / HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    stream = connection.makefile("rb")
    status = int(stream.readline().split()[1])
    headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(stream.readline, b"\r\n"))
    return status, headers, stream.read(int(headers["content-length"]))


def ask(connection: socket.socket, data: bytes) -> tuple[int, dict[str, str], bytes]:
    connection.sendall(data)
    return answer(connection)


def held(connect) -> int:
    """What the server believes all bodies hold, asked by a request without one."""
    return json.loads(ask(connect(), head(method="GET"))[2])["held"]


def test_a_body_within_the_limit_arrives_whole(connect) -> None:
    status, _, body = ask(connect(), head(f"Content-Length: {LIMIT}") + b"x" * LIMIT)
    assert (status, json.loads(body)["size"]) == (200, LIMIT)
    assert held(connect) == 0


def test_an_announced_body_is_refused_before_a_byte_of_it_is_sent(connect) -> None:
    connection = connect()
    status, headers, body = ask(connection, head(f"Content-Length: {10 * MIB}"))
    assert status == 413
    assert headers["connection"] == "close"
    assert b"larger than the 1 MB" in body
    assert connection.recv(1) == b""


def test_whoever_asks_first_is_refused_instead_of_being_told_to_go_on(connect) -> None:
    connection = connect()
    assert ask(connection, head(f"Content-Length: {10 * MIB}", "Expect: 100-continue"))[0] == 413
    assert connection.recv(1) == b""


def test_whoever_sends_without_asking_sees_the_answer_all_the_same(connect) -> None:
    assert ask(connect(), head(f"Content-Length: {10 * MIB}") + b"x" * (10 * MIB))[0] == 413


def test_a_chunked_body_is_refused_when_it_passes_the_limit(connect) -> None:
    connection = connect()
    chunk = b"%x\r\n%s\r\n" % (MIB // 2, b"x" * (MIB // 2))
    assert ask(connection, head("Transfer-Encoding: chunked") + 5 * chunk)[0] == 413
    assert held(connect) == 0


def test_a_chunked_body_within_the_limit_arrives_whole(connect) -> None:
    chunk = b"%x\r\n%s\r\n" % (1000, b"x" * 1000)
    status, _, body = ask(connect(), head("Transfer-Encoding: chunked") + 3 * chunk + b"0\r\n\r\n")
    assert (status, json.loads(body)["size"]) == (200, 3000)


def test_all_bodies_together_are_bounded_and_those_who_leave_make_room(connect) -> None:
    first, second = connect(), connect()
    for connection in (first, second):
        connection.sendall(head(f"Content-Length: {LIMIT + MIB // 4}") + b"x")
    while held(connect) < 2 * (LIMIT + MIB // 4):
        pass
    status, headers, _ = ask(connect(), head(f"Content-Length: {LIMIT}"))
    assert status == 503
    assert "retry-after" in headers
    first.close()
    while held(connect) > LIMIT + MIB // 4:
        pass
    assert ask(connect(), head(f"Content-Length: {LIMIT}") + b"x" * LIMIT)[0] == 200


def test_a_websocket_request_with_a_body_is_refused(connect) -> None:
    lines = ["Upgrade: WebSocket", "Connection: Upgrade", "Content-Length: 10"]
    assert ask(connect(), head(*lines, method="GET") + b"x" * 10)[0] == 400


@pytest.mark.parametrize(
    "data",
    [
        head(f"X-Long: {'x' * 20000}"),
        head(*(f"X-{number}: 1" for number in range(600))),
        b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\n\r\n",
        head("Content-Length: ten"),
        head("Content-Length: 10", "Transfer-Encoding: chunked"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_a_request_that_is_too_long_or_malformed_ends_the_connection(connect, data: bytes) -> None:
    connection = connect()
    connection.sendall(data)
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 400 ") or received == b""


def test_a_malformed_form_is_left_to_the_application(connect) -> None:
    form = head("Content-Type: multipart/form-data; boundary=x", "Content-Length: 7") + b"no form"
    assert ask(connect(), form)[0] == 200


def test_two_requests_on_one_connection(connect) -> None:
    connection = connect()
    for size in (10, 20):
        _, _, body = ask(connection, head(f"Content-Length: {size}") + b"x" * size)
        assert json.loads(body)["size"] == size
    assert held(connect) == 0

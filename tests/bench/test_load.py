"""The load generator counts right answers only, from a server that gives right and wrong ones."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

from bench.load import Address, press

RIGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"
WRONG_BODY = RIGHT.replace(b"hello", b"jello")
REFUSED = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
CUT_SHORT = RIGHT[:-1]


class Scripted(socketserver.ThreadingTCPServer):
    """Gives its answers in turn, closing after each that the client does not want to keep open."""

    allow_reuse_address = True
    daemon_threads = False  # closing the server waits for its threads

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.requests: list[bytes] = []
        self.connections = 0
        self.lock = threading.Lock()


class Handler(socketserver.StreamRequestHandler):
    server: Scripted

    def handle(self) -> None:
        self.server.connections += 1
        while lines := self.read_request():
            with self.server.lock:
                answer = self.server.answers[len(self.server.requests) % len(self.server.answers)]
                self.server.requests.append(b"".join(lines))
            self.wfile.write(answer)
            if b"Connection: close\r\n" in lines or answer == CUT_SHORT:
                return

    def read_request(self) -> list[bytes]:
        """Its lines; none when the client is gone."""
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        return lines


@contextlib.contextmanager
def scripted(*answers: bytes) -> Iterator[Scripted]:
    with Scripted(list(answers)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def address(server: Scripted) -> Address:
    return Address(
        "scripted", server.server_address[1], "/hello.py", b"hello\n", "pages.localhost", (("Cookie", "a=b"),)
    )


def test_every_right_answer_is_a_measurement() -> None:
    with scripted(RIGHT) as server:
        load = press(address(server), clients=1, seconds=10, most_requests=5)
    assert len(load.seconds) == 5
    assert all(0 < seconds < 5 for seconds in load.seconds)
    assert not load.errors
    assert load.per_second > 0
    assert server.connections == 5


def test_the_request_says_what_was_wanted() -> None:
    with scripted(RIGHT) as server:
        press(address(server), clients=1, seconds=10, most_requests=1)
    lines = server.requests[0].decode().splitlines()
    assert lines[0] == "GET /hello.py HTTP/1.1"
    assert lines[1:] == [f"Host: pages.localhost:{server.server_address[1]}", "Cookie: a=b", "Connection: close"]


def test_a_wrong_answer_is_an_error_and_no_measurement() -> None:
    with scripted(RIGHT, WRONG_BODY, REFUSED, CUT_SHORT) as server:
        load = press(address(server), clients=1, seconds=10, most_requests=8)
    assert len(load.seconds) == 2
    assert load.errors == {"wrong body": 2, "status 503": 2, "closed in the middle of the body": 2}


def test_connections_are_kept_if_both_sides_want_to() -> None:
    with scripted(RIGHT) as server:
        load = press(address(server), clients=1, seconds=10, most_requests=5, keep_alive=True)
    assert (len(load.seconds), server.connections) == (5, 1)


def test_all_clients_work_and_no_more_is_asked_than_allowed() -> None:
    with scripted(RIGHT) as server:
        load = press(address(server), clients=8, seconds=10, most_requests=40, keep_alive=True)
    assert len(load.seconds) == len(server.requests) == 40
    assert server.connections == 8


def test_time_is_a_bound() -> None:
    with scripted(RIGHT) as server:
        load = press(address(server), clients=2, seconds=0.1)
    assert load.seconds
    assert 0.1 <= load.elapsed_seconds < 5


def test_a_server_that_is_not_there_is_an_error_not_an_exception() -> None:
    with scripted(RIGHT) as server:
        gone = address(server)
    load = press(gone, clients=2, seconds=10, most_requests=3)
    assert not load.seconds
    assert load.errors == {"ConnectionRefusedError": 3}

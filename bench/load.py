"""A load generator for one address on loopback: some clients, each asking again when its last request is answered.

Used by serving.py. Every answer is read to its end and compared; one that is late, cut short or different is an
error and never a measurement. A request is timed from before its connection is made to the last byte of its answer.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.response import BadResponse, Response, ResponseReader

LOOPBACK = "127.0.0.1"
RECEIVE_BYTES = 64 * 1024
ANSWER_MAX_SECONDS = 10.0


@dataclass(frozen=True)
class Address:
    """What is asked of a server and what it must answer."""

    name: str
    port: int
    path: str
    body: bytes
    host: str = "localhost"
    headers: tuple[tuple[str, str], ...] = ()

    def request(self, keep_alive: bool) -> bytes:
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += ["Connection: keep-alive" if keep_alive else "Connection: close"]
        return "".join(line + "\r\n" for line in [*lines, ""]).encode("latin-1")


@dataclass
class Load:
    """What came of one spell of requests."""

    seconds: list[float] = field(default_factory=list)  # one for each right answer
    errors: Counter[str] = field(default_factory=Counter)
    elapsed_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed_seconds if self.elapsed_seconds else 0.0


class Client:
    """One connection at a time, one request at a time."""

    def __init__(self, address: Address, keep_alive: bool) -> None:
        self._address = address
        self._keep_alive = keep_alive
        self._request = address.request(keep_alive)
        self._socket: socket.socket | None = None
        self._reader = ResponseReader()
        self._started = 0.0

    def ask(self, selector: selectors.BaseSelector) -> None:
        """Send the next request. Raises OSError when the server cannot be reached."""
        self._reader = ResponseReader()
        self._started = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection((LOOPBACK, self._address.port), timeout=ANSWER_MAX_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(self._request)

    def listen(self) -> Response | None:
        """Take what has come. Raises BadResponse or OSError when no right answer can come any more."""
        if self._socket is None:
            raise BadResponse("not connected")
        data = self._socket.recv(RECEIVE_BYTES)
        return self._reader.feed(data) if data else self._reader.finish()

    def waited_seconds(self) -> float:
        return time.perf_counter() - self._started

    def settle(self, response: Response, load: Load, selector: selectors.BaseSelector) -> None:
        """Count an answer; keep the connection only if both sides want to."""
        waited = self.waited_seconds()
        if response.status != 200:
            load.errors[f"status {response.status}"] += 1
        elif response.body != self._address.body:
            load.errors["wrong body"] += 1
        else:
            load.seconds.append(waited)
        if not (self._keep_alive and response.reusable):
            self.close(selector)

    def close(self, selector: selectors.BaseSelector) -> None:
        if self._socket is not None:
            selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def press(
    address: Address,
    clients: int,
    seconds: float,
    *,
    most_requests: int = 1_000_000,
    pause_seconds: float = 0.0,
    keep_alive: bool = False,
) -> Load:
    """Ask for `seconds` or `most_requests`, whichever ends first; what is under way then is still awaited.

    `pause_seconds` before each request is for one client: several would wait for each other.
    """
    load = Load()
    asked = 0
    begun = time.perf_counter()
    idle = [Client(address, keep_alive) for _ in range(clients)]
    busy: list[Client] = []
    with selectors.DefaultSelector() as selector:
        while True:
            open_for_more = time.perf_counter() - begun < seconds
            while idle and open_for_more and asked < most_requests:
                time.sleep(pause_seconds)
                client = idle.pop()
                asked += 1
                if attempt(client, load, selector):
                    busy.append(client)
                else:
                    idle.append(client)
            if not busy:
                break
            for client in ready(selector, busy, load):
                busy.remove(client)
                idle.append(client)
        for client in idle:
            client.close(selector)
    load.elapsed_seconds = time.perf_counter() - begun
    return load


def attempt(client: Client, load: Load, selector: selectors.BaseSelector) -> bool:
    """True when the request is on its way."""
    try:
        client.ask(selector)
    except OSError as error:
        load.errors[type(error).__name__] += 1
        client.close(selector)
        time.sleep(0.01)  # a server that is gone must not be asked a million times
        return False
    return True


def ready(selector: selectors.BaseSelector, busy: list[Client], load: Load) -> list[Client]:
    """Wait for news; the clients that are done with their request, answered or failed."""
    done = []
    for key, _ in selector.select(timeout=1.0):
        client: Client = key.data
        try:
            response = client.listen()
        except (BadResponse, OSError) as error:
            load.errors[str(error) if isinstance(error, BadResponse) else type(error).__name__] += 1
            client.close(selector)
            done.append(client)
            continue
        if response is not None:
            client.settle(response, load, selector)
            done.append(client)
    for client in busy:
        if client not in done and client.waited_seconds() > ANSWER_MAX_SECONDS:
            load.errors["no answer in time"] += 1
            client.close(selector)
            done.append(client)
    return done

"""A server that means harm gets no memory, no endless patience, and no word of its own onto the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.cgirunner.whole_site import CHECKOUT
from tests.client.seat import command, environ
from tests.client.test_conversation import text, welcome

MEMORY_MAX_BYTES = 400 * 1024 * 1024  # of address space; the interpreter and its threads are most of it
Behaviour = Callable[[ServerConnection], Awaitable[Any]]


class Hostile:
    """Says whatever a test wants, to each client that connects."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.over = asyncio.Event()
        self.port = 0
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.stay(),))
        self.thread.start()
        self.ready.wait(20)

    async def stay(self) -> None:
        async def meet(socket: ServerConnection) -> None:
            await self.behaviour(socket)
            await socket.wait_closed()

        async with serve(meet, "127.0.0.1", 0, subprotocols=["ivle.console.1"], close_timeout=1) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await self.over.wait()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(20)
        self.loop.close()


@pytest.fixture
def meets() -> Iterator[Callable[[Behaviour], subprocess.CompletedProcess[bytes]]]:
    servers = []

    def meeting(behaviour: Behaviour) -> subprocess.CompletedProcess[bytes]:
        server = Hostile(behaviour)
        servers.append(server)
        return subprocess.run(
            command(f"http://127.0.0.1:{server.port}/console/x/", "--watch", "--patience", "1"),
            cwd=CHECKOUT,
            env=environ("ivle_token"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES)),
        )

    yield meeting
    for server in servers:
        server.close()


def frame(offset: int, data: bytes) -> bytes:
    return offset.to_bytes(8) + data


def test_a_frame_without_end(meets) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(welcome())
        await socket.send(frame(0, b"x" * 50_000_000))

    ended = meets(behave)
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert b"it sent a frame that is too large" in ended.stderr


def test_messages_without_end(meets) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(welcome())
        for number in range(3000):
            await socket.send(json.dumps({"kind": "display", "number": number, "title": "t" * 100_000}))
        await socket.send(text("closing", reason="ended", sentence="Enough."))
        await socket.close()

    ended = meets(behave)
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert ended.stderr == (
        b"ivle: 3000 pictures or pages were displayed. See them at http://127.0.0.1:%d/console/x/\nivle: Enough.\n"
        % int(ended.args[3].split(":")[2].split("/")[0])
    )


def test_its_sentences_are_no_commands(meets) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(welcome())
        await socket.send(text("display", number=1, mime="a/b", title="\x1b]0;evil\x07", url="\x1b[2J"))
        await socket.send(text("refused", reason="sandbox", sentence="\x1b[2J"))
        await socket.send(text("closing", reason="ended", sentence="\x1b[2J\x1b]52;c;ZXZpbA==\x07bye\x9b31m"))
        await socket.close()

    ended = meets(behave)
    assert ended.stdout == b""
    assert b"\x1b" not in ended.stderr
    assert b"\x07" not in ended.stderr
    assert ended.stderr.decode().replace("\n", "").isprintable()


@pytest.mark.parametrize("first", [b"\0" * 9, "{}", "[" * 200_000, text("typed", offset=0), welcome(offset=10**20)])
def test_nonsense(meets, first: str | bytes) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(first)

    ended = meets(behave)
    assert (ended.returncode, ended.stdout) == (255, b"")
    assert ended.stderr.startswith(b"ivle: The server does not keep to the protocol: it sent ")


def test_no_answer_at_all(meets) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.close(1011)

    ended = meets(behave)
    assert ended.returncode == 255
    assert b"gave up" in ended.stderr


def test_more_output_than_was_asked_for() -> None:
    """With a reader that does not read, so that all of it would have to be kept."""
    cut_off = threading.Event()

    async def behave(socket: ServerConnection) -> None:
        await socket.send(welcome())
        with contextlib.suppress(ConnectionClosed):
            for number in range(4000):
                await socket.send(frame(number * 100_000, b"x" * 100_000))
        cut_off.set()

    server = Hostile(behave)
    try:
        with subprocess.Popen(
            command(f"http://127.0.0.1:{server.port}/console/x/", "--watch"),
            cwd=CHECKOUT,
            env=environ("ivle_token"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES)),
        ) as process:
            assert cut_off.wait(30)
            assert process.stdout
            assert process.stderr
            output = process.stdout.read()
            assert process.stderr.read() == (
                b"ivle: The server does not keep to the protocol: it sent more output than it may.\n"
            )
            assert process.wait(30) == 255
    finally:
        server.close()
    assert 1024 * 1024 < len(output) < 2 * 1024 * 1024

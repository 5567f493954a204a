"""Where a page's messages go when its events come from another web process than the one that got them. For events.py.

Each stream has a door, a Unix socket whose name says whose it is. Whoever gets a message knocks at the latest one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

Key = tuple[str, str]  # session, and the page as the supervisor knows it
Reply = tuple[int, str]  # a status of HTTP and, where something is wrong, a sentence
MESSAGE_MAX_BYTES: Final = 192 * 1024  # of which a text has 64 Ki characters
ANSWER_SECONDS: Final = 15.0
BACKLOG: Final = 64


class NobodyThere(Exception):
    """No stream of that page is under way on this machine."""


class Door:
    """`heard` is asked for each message that comes."""

    def __init__(self, key: Key, heard: Callable[[str], Awaitable[Reply]]) -> None:
        self.place = place_of(key)
        self.heard = heard
        self.loop = asyncio.get_running_loop()
        self.answering: set[asyncio.Task[None]] = set()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.setblocking(False)
        draft = self.place.with_name(f".{secrets.token_hex(8)}")
        with at(draft) as address:
            self.socket.bind(address)
        self.socket.listen(BACKLOG)
        self.number = draft.stat().st_ino
        draft.rename(self.place)  # in place of that of an earlier stream of the same page
        self.loop.add_reader(self.socket, self.on_knock)

    def is_latest(self) -> bool:
        """Or another process has a later stream of this page."""
        try:
            return self.place.stat().st_ino == self.number
        except FileNotFoundError:
            return False

    def on_knock(self) -> None:
        with contextlib.suppress(OSError):
            caller, _ = self.socket.accept()
            caller.setblocking(False)
            task = self.loop.create_task(self.answer(caller))
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)

    async def answer(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                text = await self.loop.sock_recv(caller, MESSAGE_MAX_BYTES)
                if text:
                    reply = await self.heard(text.decode("utf-8", "replace"))
                    await self.loop.sock_sendall(caller, json.dumps(reply).encode())

    def close(self) -> None:
        self.loop.remove_reader(self.socket)
        self.socket.close()
        if self.is_latest():
            self.place.unlink(missing_ok=True)


async def pass_on(key: Key, text: str) -> Reply:
    """To the process that has the stream. Raises NobodyThere."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as knocking:
        knocking.setblocking(False)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                with at(place_of(key)) as address:
                    await loop.sock_connect(knocking, address)
                await loop.sock_sendall(knocking, text.encode())
                answer = await loop.sock_recv(knocking, MESSAGE_MAX_BYTES)
        except (OSError, TimeoutError) as fault:
            raise NobodyThere from fault
    if not answer:
        raise NobodyThere
    status, sentence = json.loads(answer)
    return status, sentence


def place_of(key: Key) -> Path:
    folder: Path = settings.IVLE_DATA / "run" / "streams"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / hashlib.sha256(" ".join(key).encode()).hexdigest()[:32]


@contextlib.contextmanager
def at(place: Path) -> Iterator[str]:
    """An address that is short enough for a socket, wherever the folder is."""
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)

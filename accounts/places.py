"""Places that only so many may have at a time, over all processes of this machine. For whoever must not do a thing
twice at once, or too often at once: there may be several web processes, and none of them knows of the others.

A place is a byte of one file, locked (fcntl(2), open file description locks): no process that dies keeps one.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final, Self

from django.conf import settings

FIRST_LOOK_SECONDS: Final = 0.002
LAST_LOOK_SECONDS: Final = 0.05
FLOCK: Final = struct.Struct("hhqqi4x")  # struct flock, of 64 bits


class Place:
    """Given back by `leave`, or at the end of a `with`."""

    def __init__(self, file: int) -> None:
        self.file = file

    def leave(self) -> None:
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.leave()


def take(name: str, most: int = 1) -> Place | None:
    """One of `most` places of that name; None where all are taken."""
    file = opened()
    try:
        for number in range(most):
            if lock(file, position_of(name, number)):
                return Place(file)
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None


@contextmanager
def turn(name: str) -> Iterator[None]:
    """Waits for the only place of that name. Not for the event loop."""
    pause = FIRST_LOOK_SECONDS
    while (place := take(name)) is None:
        time.sleep(pause)
        pause = min(2 * pause, LAST_LOOK_SECONDS)
    with place:
        yield


@asynccontextmanager
async def async_turn(name: str) -> AsyncIterator[None]:
    """The same for the event loop."""
    pause = FIRST_LOOK_SECONDS
    while (place := take(name)) is None:
        await asyncio.sleep(pause)
        pause = min(2 * pause, LAST_LOOK_SECONDS)
    with place:
        yield


def opened() -> int:
    folder = settings.IVLE_DATA / "run"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(folder / "places", flags, 0o600)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / "places", flags, 0o600)


def lock(file: int, position: int) -> bool:
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, position, 1, 0))
    except BlockingIOError:
        return False
    return True


def position_of(name: str, number: int) -> int:
    """In 62 bits: two names that meet there would wait for each other for no reason, and never do."""
    digest = hashlib.blake2b(f"{number} {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 2

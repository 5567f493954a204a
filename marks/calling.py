"""Calls the marker of this machine, so that what is handed in is begun at once, by a message to a socket of its own.

Nothing depends on it: the marker looks by itself, too, and those of other machines only do that.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

MESSAGE: Final = b"."


def place() -> Path:
    """Beside the other sockets."""
    sandbox: Path = settings.IVLE_SANDBOX_SOCKET
    return sandbox.with_name("marker.sock")


def call() -> None:
    """Never waits, and never fails: nobody may be listening, or have been called already."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
        mouth.setblocking(False)
        mouth.sendto(MESSAGE, str(place()))


class Ear:
    """Of the marker that began last."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.calls = select.poll()
        self.calls.register(self.socket, select.POLLIN)
        with suppress(OSError):
            place().unlink(missing_ok=True)
            self.socket.bind(str(place()))

    def wait(self, seconds: float) -> bool:
        """Until called, or for so long. True when it was called."""
        if not self.calls.poll(seconds * 1000):
            return False
        with suppress(BlockingIOError):
            while self.socket.recv(len(MESSAGE)):
                pass
        return True

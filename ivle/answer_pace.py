"""Answers no faster than the browser takes them. upload_guard.py builds on it, web.py waits for it.

Daphne sends without waiting: a large file, or a program that prints without end, would pile up in our memory for as
long as the browser does not read. Here whoever sends piece by piece waits before the next one.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from daphne.http_protocol import WebRequest

from ivle.socket_guard import unsent_bytes

STALLED_SECONDS: Final = 60.0  # a browser that takes nothing for so long is gone


class PacedRequest(WebRequest):  # type: ignore[misc]
    """Twisted tells it when much is unsent (IPushProducer), and when no more."""

    room: asyncio.Event | None = None  # only where the answer comes in pieces

    def handle_reply(self, message: dict[str, Any]) -> None:
        if self.room is None and message.get("more_body") and not self.finished and self.channel is not None:
            self.room = asyncio.Event()
            self.room.set()
            self.registerProducer(self, True)
        if message["type"] == "http.response.start" and self.server.drain.begun.is_set() and self.channel is not None:
            self.channel.persistent = False  # the next request goes to the next server
            self.responseHeaders.setRawHeaders(b"connection", [b"close"])
        super().handle_reply(message)

    def pauseProducing(self) -> None:  # noqa: N802
        if self.room is not None:
            self.room.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        if self.room is not None:
            self.room.set()

    def stopProducing(self) -> None:  # noqa: N802
        self.resumeProducing()

    async def drained(self) -> None:
        """Returns once little is unsent, or the connection is gone. One that has stalled is cut off."""
        while self.room is not None and not self.room.is_set():
            before = unsent_bytes(self.transport)
            try:
                await asyncio.wait_for(self.room.wait(), STALLED_SECONDS)
            except TimeoutError:
                if unsent_bytes(self.transport) == before:
                    self.transport.abortConnection()
                    return

    def finish(self) -> None:
        if self.room is not None:
            self.unregisterProducer()
        super().finish()

    def connectionLost(self, reason: object) -> None:  # noqa: N802
        self.resumeProducing()
        super().connectionLost(reason)

"""Daphne's WebSockets, bounded: what a browser does not read, what it sends meanwhile. web.py gives this to Daphne.

Daphne sends without waiting and receives without end, so whoever does not read, or floods an application that waits for
something, would fill our memory. Here such a connection is cut off; an honest page never has so much on its way, by the
credit of its protocol, and comes back where it was.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Final

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

UNREAD_MAX_BYTES: Final = 1024 * 1024
UNHEARD_MAX_BYTES: Final = 2 * 1024 * 1024  # messages that the application has not taken; one has at most half of it
MESSAGE_BYTES: Final = 256  # as which each counts, were it empty


class GuardedSocket(WebSocketProtocol):  # type: ignore[misc]
    """Twisted tells it when much is unsent: then it counts, answers no pings, and lets senders wait who want to."""

    factory: Any
    transport: Any
    is_behind = False
    unheard_bytes = 0

    def onOpen(self) -> None:  # noqa: N802
        self.transport.setTcpNoDelay(True)  # or an echo waits for the acknowledgement of the one before
        self.room = asyncio.Event()
        self.room.set()
        # The HTTP channel that was here would stop reading from a browser that is slow to read, and so stop its Ctrl-C.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        super().onOpen()

    def pauseProducing(self) -> None:  # noqa: N802
        self.is_behind = True
        self.room.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self.is_behind = False
        self.room.set()

    def stopProducing(self) -> None:  # noqa: N802
        self.resumeProducing()

    def onClose(self, *how: object) -> None:  # noqa: N802
        if hasattr(self, "room"):
            self.resumeProducing()
        super().onClose(*how)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if self.application_queue.empty():
            self.unheard_bytes = 0
        self.unheard_bytes += len(payload) + MESSAGE_BYTES
        if self.unheard_bytes > UNHEARD_MAX_BYTES:
            self.transport.abortConnection()
        else:
            super().onMessage(payload, isBinary)

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        if not self.is_behind:
            super().onPing(payload)

    async def drained(self) -> None:
        """Returns once little is unsent, or the connection is gone."""
        await self.room.wait()

    def handle_reply(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.http.response.start":
            self.refuse(message["status"])
        elif kind != "websocket.http.response.body":
            super().handle_reply(message)
            if self.is_behind and unsent_bytes(self.transport) > UNREAD_MAX_BYTES:
                self.transport.abortConnection()

    def refuse(self, status: int) -> None:
        """In place of the upgrade; Daphne itself knows only 403."""
        denial = ConnectionDeny(status, HTTPStatus(status).phrase)  # type: ignore[no-untyped-call]
        self.handshake_deferred.errback(denial)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)


class GuardedSocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = GuardedSocket


def unsent_bytes(transport: Any) -> int:
    """In Twisted's own buffers; the kernel's are bounded anyway."""
    unsent: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return unsent

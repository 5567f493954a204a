"""How a web server ends without cutting anybody off: it takes no new connections, lets answers finish, tells sockets to
come back, and then stops. For web.py; the next server, which has the same listening socket, takes whoever comes.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from daphne.http_protocol import WebRequest
from django.conf import settings

from ivle.socket_guard import GuardedSocket, unsent_bytes

LOOK_SECONDS: Final = 0.05
# A browser that keeps its connection may have sent its next request this moment; after so long it has not.
IDLE_SECONDS: Final = 1.0


class Drain:
    """`server` is web.py's. `begun` is set when it begins: answers that go on for ever end then."""

    def __init__(self, server: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.loop = loop
        self.begun = asyncio.Event()
        self.since = 0.0

    def begin(self) -> None:
        """Asked twice, it ends at once."""
        if self.begun.is_set():
            self.server.stop()
            return
        self.begun.set()
        self.since = self.loop.time()
        for port in self.server.ports:
            port.stopListening()
        for application in self.applications(GuardedSocket):
            application.cancel()  # it says goodbye
        self.look()

    def look(self) -> None:
        seconds = self.loop.time() - self.since
        idle = self.idle_channels()
        if seconds >= IDLE_SECONDS:
            for channel in idle:
                channel.loseConnection()
        waits_for_idle = bool(idle) and seconds < IDLE_SECONDS
        if (waits_for_idle or self.is_busy()) and seconds < settings.IVLE_DRAIN_SECONDS:
            self.loop.call_later(LOOK_SECONDS, self.look)
        else:
            self.server.stop()

    def is_busy(self) -> bool:
        """Somebody is being answered, is still sending a request, or has not read all of an answer."""
        return (
            any(isinstance(one, WebRequest) for one in self.connected())
            or any(unsent_bytes(channel.transport) for channel in self.server.channels if has_socket(channel.transport))
            or any(not application.done() for application in self.applications(GuardedSocket))
        )

    def connected(self) -> list[Any]:
        return [one for one, details in self.server.connections.items() if "disconnected" not in details]

    def applications(self, kind: type) -> list[asyncio.Future[Any]]:
        """Of connections of that kind."""
        found = [
            details.get("application_instance")
            for one, details in self.server.connections.items()
            if isinstance(one, kind)
        ]
        return [application for application in found if application is not None]

    def idle_channels(self) -> list[Any]:
        """Connections that are kept for a next request."""
        return [channel for channel in self.server.channels if has_socket(channel.transport) and not channel.requests]


def has_socket(transport: Any) -> bool:
    return transport is not None and getattr(transport, "connected", False)

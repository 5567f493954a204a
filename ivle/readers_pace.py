"""Long answers of Django at the pace of whoever reads them, so that they do not wait in our memory. asgi.py puts it on.

Django sends what a StreamingHttpResponse yields as soon as it can, and Daphne takes all of it.
"""

from __future__ import annotations

from typing import Any

from ivle.http_router import Application, Receive, Scope, Send

EVENTS = b"text/event-stream"  # they bound themselves (console/events.py), and must not be late


class AtReadersPace:
    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waits = True

        async def send_and_wait(message: dict[str, Any]) -> None:
            nonlocal waits
            if message["type"] == "http.response.start":
                waits = not is_events(message)
            await send({**message, "ivle.wait": True} if waits and is_unfinished(message) else message)

        await self.application(scope, receive, send_and_wait)


def is_events(start: dict[str, Any]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENTS) for name, value in start["headers"])


def is_unfinished(message: dict[str, Any]) -> bool:
    """The start too: whoever wants to hear that there is too much must say so before there is."""
    return message["type"] == "http.response.start" or bool(message.get("more_body"))

"""Before a door for WebSockets lets somebody in: a plain ASGI application, which may answer an HTTP status instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class NotLetIn(Exception):
    """Before the upgrade: an HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def refuse(scope: Scope, send: Send, status: int) -> None:
    """Instead of the upgrade. A server that cannot say more says 403."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close"})


def query_of(scope: Scope) -> dict[str, str]:
    query = scope["query_string"].decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True, max_num_fields=20).items()}

"""Which address is which WebSocket. ivle/asgi.py gives this to Channels' router."""

from __future__ import annotations

from typing import Any

from django.urls import re_path

from accounts.upgrade import Receive, Send, refuse
from console.opening import opening_socket
from console.terminado import terminal_socket
from console.websocket import console_socket

SESSION_ID = r"(?P<session_id>[A-Za-z0-9_-]{1,64})"


async def nothing_here(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    await receive()
    await refuse(scope, send, 404)


# Channels puts ASGI applications where Django's types want views.
sockets = [
    re_path(r"^console/new/socket\Z", opening_socket),  # type: ignore[arg-type]
    re_path(rf"^console/{SESSION_ID}/socket\Z", console_socket),  # type: ignore[arg-type]
    re_path(r"^terminals/websocket/(?P<name>\w{1,32})\Z", terminal_socket),  # type: ignore[arg-type]
    re_path(r"", nothing_here),  # type: ignore[arg-type]
]

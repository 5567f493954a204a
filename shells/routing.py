"""The address of guests' WebSocket. ivle/asgi.py gives this to Channels' router."""

from __future__ import annotations

from django.urls import re_path

from shells.websocket import guest_socket

sockets = [re_path(r"^shells/socket\Z", guest_socket)]  # type: ignore[arg-type]  # an ASGI application, not a view

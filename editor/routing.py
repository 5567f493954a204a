"""Which address is which WebSocket of the editor's. ivle/asgi.py gives this to Channels' router."""

from __future__ import annotations

from django.urls import re_path

from editor.language import language_socket

# Channels puts ASGI applications where Django's types want views.
sockets = [re_path(r"^editor/language/socket\Z", language_socket)]  # type: ignore[arg-type]

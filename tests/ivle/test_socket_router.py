"""WebSockets are the site's alone."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync

from ivle.http_router import SocketRouter


@pytest.mark.parametrize(
    ("hosts", "reaches"),
    [
        (["localhost:8000"], True),
        (["127.0.0.1"], True),
        (["pages.localhost:8000"], False),
        (["evil.example"], False),
        (["localhost", "pages.localhost"], False),
        ([], False),
    ],
)
def test_hosts(settings, hosts: list[str], reaches: bool) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.IVLE_PAGES_HOST = "pages.localhost"
    reached, sent = [], []

    async def site(scope, receive, send) -> None:
        reached.append(scope)

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "headers": [(b"host", host.encode()) for host in hosts]}
    async_to_sync(SocketRouter(site))(scope, receive, send)
    assert bool(reached) == reaches
    assert sent == ([] if reaches else [{"type": "websocket.close"}])

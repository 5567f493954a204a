"""Sends each HTTP request to the site, its files, a student's program or a student's pages, by Host header and path.

The site and the pages are two origins: a request for the pages host never reaches Django, whatever its path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.http.request import validate_host

from files.public_space import bare_host

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Room(Enum):
    SITE = "site"
    SERVE = "serve"
    PAGES = "pages"
    STATIC = "static"


@dataclass(frozen=True)
class HttpRouter:
    site: Application
    serve: Application
    pages: Application
    static: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        room = choose_room(hosts, scope["path"], settings.IVLE_PAGES_HOST, settings.ALLOWED_HOSTS)
        scope["ivle.room"] = room.value  # for the figures
        application: Application = getattr(self, room.value)
        await application(scope, receive, send)


@dataclass(frozen=True)
class SocketRouter:
    """WebSockets are the site's alone: for any other host there is none."""

    site: Application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if choose_room(hosts, "/", settings.IVLE_PAGES_HOST, settings.ALLOWED_HOSTS) is Room.SITE and known(hosts):
            await self.site(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})


def known(host_headers: list[str]) -> bool:
    return len(host_headers) == 1 and validate_host(bare_host(host_headers[0]), settings.ALLOWED_HOSTS)


def choose_room(host_headers: list[str], path: str, pages_host: str, site_hosts: list[str]) -> Room:
    """A host that is neither ours nor the pages' goes to Django, which refuses it with 400."""
    hosts = [bare_host(header) for header in host_headers]
    if pages_host and any(host == pages_host or host.endswith(f".{pages_host}") for host in hosts):
        return Room.PAGES
    if len(hosts) != 1 or not validate_host(hosts[0], site_hosts):
        return Room.SITE
    if path.startswith("/serve/"):
        return Room.SERVE
    if path.startswith("/static/"):
        return Room.STATIC
    if not pages_host and path.startswith("/~"):
        return Room.PAGES
    return Room.SITE

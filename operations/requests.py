"""Around the whole site: each request has an id, is counted, and has its line in the log. ivle/asgi.py puts it up.

The line comes when the answer has ended. What counts as waiting is the time until it began: a program may go on
printing for as long as it may run, and a stream of events for hours.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts import request_note
from operations import web_counts

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ROOM: Final = "ivle.room"  # in the scope, by the router
HEADER: Final = b"x-request-id"
SANE: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
BEGINNINGS: Final = {"http.response.start": None, "websocket.accept": 101, "websocket.close": 403}
log = logging.getLogger("ivle.requests")


class Watched:
    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        answer = Answer(scope, send)
        try:
            await self.application(scope, receive, answer.send)
        finally:
            answer.end()


class Answer:
    """One request's, on its way."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.pass_on = send
        self.note = request_note.begin(request_id(scope["headers"], settings.IVLE_PROXY_COUNT))
        self.asked = time.monotonic()
        self.wait_seconds = 0.0
        self.status: int | None = None
        self.sent_bytes = 0

    async def send(self, message: Any) -> None:
        kind = message["type"]
        if self.status is None:
            if kind == "websocket.http.response.start":
                self.begin(message["status"])
            elif kind in BEGINNINGS:
                self.begin(BEGINNINGS[kind] or message["status"])
                if kind == "http.response.start":
                    others = [pair for pair in message.get("headers", ()) if pair[0].lower() != HEADER]
                    message = {**message, "headers": [*others, (HEADER, self.note.id.encode())]}
        if kind == "http.response.body":
            self.sent_bytes += len(message.get("body", b""))
        await self.pass_on(message)

    def begin(self, status: int) -> None:
        self.status = status
        self.wait_seconds = time.monotonic() - self.asked

    def end(self) -> None:
        room = room_of(self.scope)
        status = f"{self.status // 100}xx" if self.status and 100 <= self.status < 600 else "left"
        web_counts.count_request(room, status, self.wait_seconds)
        if not log.isEnabledFor(logging.INFO):
            return
        method = self.scope.get("method", "GET")
        about = {
            "room": room,
            "method": method if method in METHODS else "other",
            "status": self.status,
            "seconds": round(time.monotonic() - self.asked, 4),
            "bytes": self.sent_bytes,
            "client": (self.scope.get("client") or ("",))[0],
        }
        log.info("%s /%s", about["method"], self.note.route or f"{room}/…", extra=about)


def request_id(headers: list[tuple[bytes, bytes]], proxy_count: int) -> str:
    """The proxy's, where one stands in front and gives one that cannot be anything else; or a new one."""
    given = [value for name, value in headers if name == HEADER]
    if proxy_count and len(given) == 1 and SANE.fullmatch(given[0]):
        return given[0].decode("ascii")
    return os.urandom(8).hex()


def room_of(scope: Scope) -> str:
    if scope["type"] == "websocket":
        return "socket"
    room = scope.get(ROOM, "none")
    return "api" if room == "site" and scope["path"].startswith("/api/") else room


class NoteRequest:
    """Middleware: whose a request of Django's was, and which pattern its address had."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        note = request_note.current()
        if note is not None:
            person = getattr(request, "_cached_user", None)  # as far as anybody has asked who it is
            if person is not None and person.pk is not None:
                note.person_pk = person.pk
            if request.resolver_match is not None:
                note.route = request.resolver_match.route
        return response

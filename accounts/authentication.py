"""Who asks the API: a token, or the site's session with its CSRF token. For every api.py."""

from __future__ import annotations

from typing import cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts import words
from accounts.credentials import Credential, by_session, by_token
from accounts.models import Person
from accounts.tokens import bearer


class ByToken(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> Credential | None:
        found: Credential | None = await database_sync_to_async(by_token)(token)
        return found


class BySession(APIKeyCookie):
    """The CSRF check is ours: ninja's own shows a page where it fails, and does that on the event loop."""

    def __init__(self) -> None:
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__(csrf=False)

    async def authenticate(self, request: HttpRequest, key: str | None) -> Credential | None:
        found: Credential | None = await database_sync_to_async(self.look)(request, key) if key else None
        return found

    def look(self, request: HttpRequest, key: str) -> Credential | None:
        if check_csrf(request) is not None:
            raise HttpError(403, words.foreign())
        return by_session(key)


class AsTerminado(ByToken):
    """A token in any of the ways in which terminado's clients send one."""

    async def __call__(self, request: HttpRequest) -> Credential | None:
        token = bearer(request.headers.get("Authorization", ""), ("bearer", "token")) or request.GET.get("token")
        return await self.authenticate(request, token) if token else None


def credential_of(request: HttpRequest) -> Credential:
    """Of a request that was let in by one of the above."""
    return cast(Credential, request.auth)  # type: ignore[attr-defined]


def person_of(request: HttpRequest) -> Person:
    return credential_of(request).person

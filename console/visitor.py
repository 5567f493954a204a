"""Who asks for a WebSocket: by the site's session on the site's own pages, or by a token. For the ASGI doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import parse_cookie

from accounts.credentials import Credential, by_session, by_token
from accounts.tokens import bearer
from console import access

Scope = dict[str, Any]
SCHEMES = {"ws": "http", "wss": "https"}


@dataclass(frozen=True)
class Visitor:
    """What a request for a WebSocket shows of who sends it."""

    session_key: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, scope: Scope, schemes: tuple[str, ...] = ("bearer",), *, in_query: bool = False) -> Visitor:
        """A token comes first: no page of another site can send one. A session counts on the site's own pages alone.
        `in_query` takes ?token=, which ends up in logs, for the clients that can do nothing else."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        token = bearer(headers.get(b"authorization", ""), schemes)
        if token is None and in_query:
            token = query_of(scope).get("token")
        if token is not None:
            return cls(token=token)
        if headers.get(b"origin") != f"{SCHEMES.get(scope.get('scheme', 'ws'), 'http')}://{headers.get(b'host', '')}":
            return cls()
        return cls(session_key=parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, ""))

    def credential(self) -> Credential | None:
        if self.token:
            return by_token(self.token)
        return by_session(self.session_key) if self.session_key else None

    async def who_may_watch(self, owner: str | None) -> tuple[Credential | None, bool]:
        """Who this is, and whether they may watch the owner's consoles. One trip to the database's thread for both."""
        if not self.token and not self.session_key:
            return None, False
        answer: tuple[Credential | None, bool] = await database_sync_to_async(self._who_may_watch)(owner)
        return answer

    def _who_may_watch(self, owner: str | None) -> tuple[Credential | None, bool]:
        credential = self.credential()
        return credential, credential is not None and owner is not None and access.may_watch(credential.person, owner)


def query_of(scope: Scope) -> dict[str, str]:
    query = scope["query_string"].decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True, max_num_fields=20).items()}

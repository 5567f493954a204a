"""Who asks for a WebSocket: by the site's session on the site's own pages, or by a token. For the ASGI doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import parse_cookie

from accounts.credentials import Credential, by_session, by_token
from accounts.models import Person
from accounts.tokens import bearer
from accounts.upgrade import Scope, query_of

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

    async def who(self) -> Credential | None:
        if not self.token and not self.session_key:
            return None
        credential: Credential | None = await database_sync_to_async(self.credential)()
        return credential

    async def who_may(self, may: Callable[[Person], bool]) -> tuple[Credential | None, bool]:
        """Who this is, and whether they may do something. One trip to the database's thread for both."""
        if not self.token and not self.session_key:
            return None, False
        answer: tuple[Credential | None, bool] = await database_sync_to_async(self._who_may)(may)
        return answer

    def _who_may(self, may: Callable[[Person], bool]) -> tuple[Credential | None, bool]:
        credential = self.credential()
        return credential, credential is not None and may(credential.person)

"""Puts the visitor's own address and scheme into the scope when the site stands behind proxies it trusts.

Done once, outside everything, so that Django, the login throttle and student programs all see the same.
"""

from __future__ import annotations

from django.conf import settings

from ivle.http_router import Application, Receive, Scope, Send


class BehindProxies:
    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if settings.IVLE_PROXY_COUNT and scope["type"] in ("http", "websocket"):
            scope = seen_through(scope, settings.IVLE_PROXY_COUNT)
        await self.application(scope, receive, send)


def seen_through(scope: Scope, proxy_count: int) -> Scope:
    """The scope as the outermost of `proxy_count` proxies saw it.

    Each proxy appends the address it was called from, so what a visitor wrote in the header stands further left.
    A request with fewer addresses than proxies did not come through them all and keeps the address it has.
    """
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    addresses = listed(headers, b"x-forwarded-for")
    schemes = listed(headers, b"x-forwarded-proto")
    changes: Scope = {}
    if len(addresses) >= proxy_count:
        changes["client"] = [addresses[-proxy_count], 0]
    if schemes and schemes[-1] in ("http", "https"):
        secure = schemes[-1] == "https"
        changes["scheme"] = {"http": ("http", "https"), "websocket": ("ws", "wss")}[scope["type"]][secure]
    return {**scope, **changes}


def listed(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    joined = ",".join(value.decode("latin-1") for header, value in headers if header == name)
    return [item.strip() for item in joined.split(",") if item.strip()]

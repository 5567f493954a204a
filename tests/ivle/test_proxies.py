"""Whose address a request has, behind proxies."""

from __future__ import annotations

import pytest

from ivle.proxies import BehindProxies, seen_through


def scope(*headers: tuple[str, str], kind: str = "http") -> dict:
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    return {"type": kind, "scheme": "http", "client": ["10.0.0.1", 4711], "headers": pairs}


@pytest.mark.parametrize(
    ("forwarded", "count", "address"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),  # the left one is what the visitor made up
        ("198.51.100.1, 203.0.113.9, 10.0.0.7", 2, "203.0.113.9"),
        ("203.0.113.9", 2, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
    ],
)
def test_address(forwarded: str, count: int, address: str) -> None:
    assert seen_through(scope(("x-forwarded-for", forwarded)), count)["client"][0] == address


@pytest.mark.parametrize(
    ("kind", "said", "scheme"),
    [
        ("http", "https", "https"),
        ("http", "http", "http"),
        ("http", "javascript", "http"),
        ("http", "http, https", "https"),
        ("websocket", "https", "wss"),
    ],
)
def test_scheme(kind: str, said: str, scheme: str) -> None:
    assert seen_through(scope(("x-forwarded-proto", said), kind=kind), 1)["scheme"] == scheme


@pytest.mark.parametrize(("count", "address"), [(0, "10.0.0.1"), (1, "203.0.113.9")])
async def test_without_proxies_the_headers_mean_nothing(settings, count: int, address: str) -> None:
    settings.IVLE_PROXY_COUNT = count
    seen = []

    async def application(scope, receive, send) -> None:
        seen.append(scope["client"][0])

    await BehindProxies(application)(scope(("x-forwarded-for", "203.0.113.9")), None, None)
    assert seen == [address]

"""What monitoring asks: does the web process answer, can it serve people, and the figures of this machine."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from accounts.tokens import bearer
from operations import figures
from operations.glance import glance

SIGNS_OF_A_PROXY: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
async def ready(request: HttpRequest) -> HttpResponse:
    """503 until nothing is missing. What it is, one line each, is for who may read the figures."""
    missing = await glance.lacks()
    text = "not ready\n" if missing else "ready\n"
    if missing and may_read_metrics(request):
        text = "".join(f"{lack.sentence}\n" for lack in missing)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=503 if missing else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # it is the answer, not an error of this request
    return response


@never_cache
async def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read_metrics(request):
        raise Http404
    return HttpResponse(await figures.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read_metrics(request: HttpRequest) -> bool:
    """By the token; where none is set, from this machine, unless a proxy would make every caller look like that."""
    wanted = settings.IVLE_METRICS_TOKEN
    if wanted:
        given = bearer(request.headers.get("Authorization", "")) or ""
        return hmac.compare_digest(given.encode(), wanted.encode())
    has_proxy = settings.IVLE_PROXY_COUNT or any(name in request.headers for name in SIGNS_OF_A_PROXY)
    return not has_proxy and is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

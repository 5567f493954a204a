"""ivle's own pages about student files: a refusal, a failure, an empty answer, a run report. Off the hot path."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from accounts.models import Person
from cgirunner.request import Request
from cgirunner.response import Head

HTML: Final = b"text/html; charset=utf-8"


async def render(
    request: Request, status: int, template: str, context: Mapping[str, Any], *, public: bool
) -> tuple[Head, bytes]:
    """One of our pages as a response. `public` pages cannot use the site's style sheet: they are on another host."""
    body = await sync_to_async(render_now)(language_of(request), template, context, public)
    head = Head(status=status, content_type=HTML)
    head.headers += [
        (b"Content-Security-Policy", policy(public)),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Referrer-Policy", b"same-origin"),
        (b"Cache-Control", b"no-store"),
    ]
    return head, body


def render_now(language: str, template: str, context: Mapping[str, Any], public: bool) -> bytes:
    frame = frame_of(public)
    with translation.override(language):
        page = render_to_string(template, {**context, "base": f"cgirunner/{frame}.html", "style": style(frame)})
    return page.encode("utf-8", "replace")


def bar(request: Request, viewer: Person | None) -> dict[str, Any]:
    """What the bar of the site's pages needs, which is left out in a frame: the page around it has one."""
    asked = HttpRequest()
    asked.COOKIES = parse_cookie(request.headers.get("cookie", ""))
    CsrfViewMiddleware(lambda _: HttpResponse()).process_request(asked)
    return {"user": viewer, "csrf_token": get_token(asked), "is_framed": request.is_framed}


def frame_of(public: bool) -> str:
    return "public" if public else "private"


def language_of(request: Request) -> str:
    """The first language of the browser's that ivle speaks."""
    for wanted, _ in parse_accept_lang_header(request.headers.get("accept-language", "")):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return translation.get_language() or "en"


@cache
def style(frame: str) -> str:
    return render_to_string(f"cgirunner/{frame}.css")


@cache
def policy(public: bool) -> bytes:
    digest = b64encode(sha256(style(frame_of(public)).encode()).digest()).decode("ascii")
    none, site = "'none'", "" if public else "'self' "
    return (
        f"default-src 'none'; style-src {site}'sha256-{digest}'; img-src {site or none}; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'self'"
    ).encode("ascii")

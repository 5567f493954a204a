"""Which sites may show shells of guests: this one, and those of IVLE_GUEST_SITES. For headers and refusals."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def own_origin(request: HttpRequest) -> str:
    """The demo has several names; elsewhere there is one, and what proxies say of it does not count."""
    return f"{request.scheme}://{request.get_host()}" if settings.IVLE_DEMO else settings.IVLE_PUBLIC_URL


def may_embed(request: HttpRequest, origin: str) -> bool:
    return origin == own_origin(request) or origin in settings.IVLE_GUEST_SITES


def is_shown_elsewhere(request: HttpRequest) -> bool:
    """What a browser says of where its page is shown, where it says it. The wall is frame-ancestors: this gives a
    sentence to who is lost, and nothing to who is not a browser."""
    if request.headers.get("Sec-Fetch-Dest", "iframe") not in ("iframe", "frame"):
        return True
    referer = urlsplit(request.headers.get("Referer", ""))
    return bool(referer.netloc) and not may_embed(request, f"{referer.scheme}://{referer.netloc}")


def policy(request: HttpRequest) -> str:
    """Of the page in the frame. It has no origin, so whatever happens in it is not the site's doing, nor that of
    whoever is logged in there. To such a page 'self' is nothing, so the site is named."""
    site = own_origin(request)
    socket = site.replace("http", "ws", 1) + "/shells/socket"
    return "; ".join(
        (
            "sandbox allow-scripts",
            "default-src 'none'",
            f"script-src {site}{settings.STATIC_URL}",
            f"style-src {site}{settings.STATIC_URL}",
            f"connect-src {socket}",
            "img-src data:",
            "form-action 'none'",
            "base-uri 'none'",
            " ".join(("frame-ancestors", "'self'", *settings.IVLE_GUEST_SITES)),
        )
    )

"""Middleware: pages and JSON go packed to whoever takes that, where it gives nothing away.

The length of a packed answer tells something of what is in it. Who can make somebody else's browser ask, with words of
their own in the address, and sees how long the answers are, learns secrets letter by letter (BREACH). So what another
site asks for stays as it is, students' pages included, and the rest gets a random length: docs/decisions/0074.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

KINDS: Final = ("text/html", "application/json")
SHORT_BYTES: Final = 860  # fits in one packet as it is
LONG_BYTES: Final = 64 * 1024  # from here on the time counts more than the last bytes
PADDING_MAX_BYTES: Final = 100
OURS: Final = ("same-origin", "none")


class Compression:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and is_worth(response):
            patch_vary_headers(response, ("Accept-Encoding",))
            if "gzip" in request.headers.get("Accept-Encoding", "") and is_asked_by_us(request):
                response.content = packed(response.content)
                response.headers["Content-Encoding"] = "gzip"
        return response


def is_worth(response: HttpResponse) -> bool:
    """What has a tag is somebody's file, whose bytes are its owner's matter."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    plain = not response.has_header("Content-Encoding") and not response.has_header("ETag")
    return plain and kind in KINDS and len(response.content) > SHORT_BYTES


def is_asked_by_us(request: HttpRequest) -> bool:
    """By a page of the site, by somebody's hand, or by a program with a token. Without TLS nobody needs to guess."""
    if not request.is_secure() or "Authorization" in request.headers:
        return True
    return request.headers.get("Sec-Fetch-Site") in OURS


def packed(content: bytes) -> bytes:
    """With a name in its head that nobody needs, of a random length."""
    whole = BytesIO()
    padding = "x" * secrets.randbelow(PADDING_MAX_BYTES)
    with GzipFile(padding, "wb", 1 if len(content) > LONG_BYTES else 6, whole, mtime=0) as file:
        file.write(content)
    return whole.getvalue()

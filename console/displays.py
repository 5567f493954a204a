"""What programs display beside their terminal, as an answer to a browser. It is as hostile as any program's output."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse

from console.watching import display_head

# An image does nothing by itself where an <img> shows it; opened as a page, SVG could. Everything else is text: HTML is
# read by the console's script and shown in a frame that shares nothing with the site.
IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=86400, immutable",
}


def display_response(message: bytes) -> HttpResponse:
    """Of one whole display message: a line of JSON, and the bytes it tells of."""
    head = display_head(message)
    mime = head["mime"] if head else ""
    body = message[message.find(b"\n") + 1 :]
    return HttpResponse(body, content_type=mime if mime in IMAGES else "text/plain; charset=utf-8", headers=HEADERS)

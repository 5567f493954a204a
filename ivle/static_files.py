"""Answers requests for /static/: a plain ASGI application before Django, since a page asks for sixty of them at once.

The files and their addresses are in assets.py.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders

from ivle.assets import RELEASE, Asset, release
from ivle.http_router import Receive, Scope, Send

CLOSED_IN: Final = {  # short: a page has sixty of them
    "Access-Control-Allow-Origin": "*",  # a page without an origin, as a guest's, may fetch modules by this alone
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
FOR_A_MINUTE: Final = "public, max-age=60"
ASK_AGAIN: Final = "public, no-cache"
GZIP: Final = re.compile(
    r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0{0,3})?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE
)


async def static_files(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["method"] not in ("GET", "HEAD"):
        await answer(send, 405, {"Allow": "GET, HEAD"})
        return
    asset, keeping = await find(scope["path"].removeprefix(settings.STATIC_URL))
    if asset is None:
        await answer(send, 404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no such file.\n")
        return
    about = {"ETag": f'W/"{asset.tag}"', "Cache-Control": keeping}
    if asset.packed is not None:
        about["Vary"] = "Accept-Encoding"
    if is_known(headers.get("if-none-match", ""), asset.tag):
        await answer(send, 304, about)
        return
    content = asset.content
    if asset.packed is not None and GZIP.search(headers.get("accept-encoding", "")):
        content = asset.packed
        about["Content-Encoding"] = "gzip"
    about |= {"Content-Type": asset.media_type, "Content-Length": str(len(content))}
    await answer(send, 200, about, b"" if scope["method"] == "HEAD" else content)


async def find(name: str) -> tuple[Asset | None, str]:
    """With how long a browser may keep it. A page of an earlier release gets what there is now, to ask for again."""
    if settings.DEBUG:
        return await asyncio.to_thread(read_now, name), ASK_AGAIN
    this, keeping = release(), FOR_A_MINUTE
    if match := RELEASE.fullmatch(name):
        keeping = FOR_EVER if match[1] == this.name else ASK_AGAIN
        name = match[2]
    asset = this.assets.get(name)
    if asset is None:
        asset = await asyncio.to_thread(this.asset, name)  # packing a large one takes some milliseconds
    return asset, keeping


def read_now(name: str) -> Asset | None:
    path = finders.find(name)
    return Asset.read(Path(path)) if isinstance(path, str) and Path(path).is_file() else None


def is_known(if_none_match: str, tag: str) -> bool:
    """RFC 9110 13.1.2."""
    known = [one.strip().removeprefix("W/").strip('"') for one in if_none_match.split(",")]
    return tag in known or "*" in known


async def answer(send: Send, status: int, headers: dict[str, str], content: bytes = b"") -> None:
    """The same for everybody. A page of ours that the editor shows in a frame has no origin, and needs them too."""
    pairs = [(name.encode(), value.encode()) for name, value in (CLOSED_IN | headers).items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content})

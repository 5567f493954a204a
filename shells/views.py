"""What other sites embed: the script, the status that it asks for, and the page in the frame. And a page to try it on.

What others embed looks at no cookie. The page to try it on does: it has the site's menu.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_safe

from shells import capability, room, sites, words
from shells.room import Room

SCRIPT: Final = "shells/embed.js"
FOR_AN_HOUR: Final = "public, max-age=3600"
FOR_SECONDS: Final = "public, max-age=5"
SENTENCES: Final = {Room.OFF: words.off, Room.FULL: words.full, Room.AWAY: words.away}


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    headers = {
        "Access-Control-Allow-Origin": "*",  # for pages that name its hash
        "Cache-Control": FOR_AN_HOUR,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(script_text(), content_type="text/javascript; charset=utf-8", headers=headers)


def script_text() -> bytes:
    return read_script() if settings.DEBUG else kept_script()


def read_script() -> bytes:
    return Path(str(finders.find(SCRIPT))).read_bytes()


kept_script = cache(read_script)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Whether there is room, to pages of the sites that may embed."""
    origin = request.headers.get("Origin", "")
    if origin and not sites.may_embed(request, origin):
        response = JsonResponse({"state": "not_here"}, status=HTTPStatus.FORBIDDEN)
    else:
        response = JsonResponse({"state": room.glance()}, headers={"Cache-Control": FOR_SECONDS})
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(response, ("Origin",))
    return response


@require_GET
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    """The page around a guest's terminal; without room, the sentence that says so."""
    if sites.is_shown_elsewhere(request):
        sentence = words.outside() if request.headers.get("Sec-Fetch-Dest") == "document" else words.not_here()
        return framed(request, {"sentence": sentence, "is_final": True}, HTTPStatus.FORBIDDEN)
    state = room.glance()
    if state is not Room.ROOM:
        return framed(request, {"sentence": SENTENCES[state](), "is_final": state is Room.OFF})
    issued = capability.issue()
    return framed(request, {"capability": issued.text, "life_seconds": settings.IVLE_GUEST_LIFE_MINUTES * 60})


def framed(request: HttpRequest, context: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    response = render(request, "shells/frame.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = sites.policy(request)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
def try_it(request: HttpRequest) -> HttpResponse:
    """The site's own page with a shell on it, for everybody."""
    state = room.glance()
    sentence = SENTENCES[state]() if state in SENTENCES else ""
    return render(request, "shells/try.html", {"sentence": sentence, "is_off": state is Room.OFF})

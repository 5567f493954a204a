"""The pages of consoles: the list, one console, the frame for what programs display; the administrators' list."""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import quote

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from accounts.answers import person_of
from console import access, words
from console.policies import Queued, TooMany
from console.programs import BadStart, Program
from console.rows import Row
from console.starting import end_quietly, find_console, open_console
from courses import looks
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo
from sandbox.faults import SandboxError

# Opaque whatever is put in it: it has no origin, opens nothing and sends nothing.
FRAME_POLICY: Final = "; ".join(
    (
        "sandbox allow-scripts allow-forms allow-modals",
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "font-src data:",
        "media-src data: blob:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
# Framed by the site's own pages: a tutorial's console.
EMBED_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


def find_or_404(request: HttpRequest, session_id: str) -> SessionInfo:
    try:
        return async_to_sync(find_console)(person_of(request), session_id)
    except SessionGone:
        raise Http404 from None


@login_required
@require_GET
def console_list(request: HttpRequest) -> HttpResponse:
    """One's own; with ?owner= a student's, for who teaches them."""
    person = person_of(request)
    owner = request.GET.get("owner", "") or person.username
    if not access.may_see_list(person, owner):
        raise Http404
    return show_list(request, owner=owner)


def show_list(
    request: HttpRequest, refused: str = "", status: int = 200, *, owner: str = "", everyone: bool = False
) -> HttpResponse:
    person = person_of(request)
    shown = None if everyone else owner or person.username
    try:
        sessions = async_to_sync(consoles.list_sessions)(settings.IVLE_SANDBOX_SOCKET, shown)
    except SandboxError:
        sessions, refused, status = [], refused or words.sandbox_away(), max(status, 503)
    sessions = [info for info in sessions if not access.is_guests(info.owner)]  # theirs are on a page of their own
    for whose in {info.owner for info in sessions}:
        looks.note(person, whose, looks.CONSOLES)
    context = {
        "consoles": [Row.of(info) for info in sessions],
        "owner": shown if shown != person.username else "",
        "maximum": settings.IVLE_CONSOLES_PER_OWNER if shown == person.username else None,
        "refused": refused,
        "everyone": everyone,
        "environments": settings.ENVIRONMENTS.names(),
    }
    return render(request, "console/list.html", context, status=status)


@login_required
@require_GET
def everybodys_consoles(request: HttpRequest) -> HttpResponse:
    """The administrators'. Ending one there leads back."""
    if not access.may_list_all(person_of(request)):
        raise Http404
    return show_list(request, everyone=True)


@require_POST
@login_required
def start(request: HttpRequest) -> HttpResponse:
    wish = request.POST
    names = ("file", "arguments", "after", "setup", "environment")
    return started(request, wish.get("program", "python"), *(wish.get(name, "") for name in names))


def started(request: HttpRequest, *what: str, name: str = "") -> HttpResponse:
    """The page of a new console for what Program.read takes, or the list with the sentence why there is none. While
    there is none yet, a page that goes on asking."""
    try:
        program = Program.read(*what)
        info = async_to_sync(open_console)(person_of(request).username, program, name=name)
    except BadStart as fault:
        return show_list(request, str(fault), 400)
    except Queued:
        context = {"title": program.title, "attributes": {**attributes_for(*what), "name": name}}
        return render(request, "console/queued.html", context, status=503)
    except TooMany as fault:
        return show_list(request, str(fault), 409)
    except SandboxError:
        return show_list(request, words.sandbox_away(), 503)
    response = redirect("console_page", info.id)
    response.status_code = 303
    return response


def attributes_for(kind: str, file: str = "", *others: str) -> dict[str, str]:
    """Of an <ivle-console> that starts what Program.read takes."""
    names = ("program", "path", "arguments", "after", "setup", "environment")
    return dict(zip(names, (kind, quote(os.fsencode(file)), *others), strict=False))


@login_required
@require_GET
def console_page(request: HttpRequest, session_id: str) -> HttpResponse:
    return render(request, "console/console.html", {"console": Row.of(find_or_404(request, session_id))})


@login_required
@require_GET
@xframe_options_sameorigin
def embed(request: HttpRequest, session_id: str) -> HttpResponse:
    response = render(request, "console/embed.html", {"console": Row.of(find_or_404(request, session_id))})
    response.headers["Content-Security-Policy"] = EMBED_POLICY
    return response


@require_POST
@login_required
def end(request: HttpRequest, session_id: str) -> HttpResponse:
    """For pages without JavaScript, and the lists."""
    person = person_of(request)
    info = find_or_404(request, session_id)
    if not access.may_end(person, info.owner):
        raise Http404
    async_to_sync(end_quietly)(info.id)
    response = redirect("console_list" if info.owner == person.username else "everybodys_consoles")
    response.status_code = 303
    return response


@require_GET
@xframe_options_sameorigin
def frame(request: HttpRequest) -> HttpResponse:
    """Where a console's page shows what a program displays as HTML."""
    response = render(request, "console/frame.html")
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response

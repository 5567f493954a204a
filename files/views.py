"""The page of the file browser. What it shows and does goes through the API."""

from __future__ import annotations

from typing import Final, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Person
from files import access

# The site's own, and sound and film of the files that are previewed.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


@login_required
@require_GET
def browser(request: HttpRequest) -> HttpResponse:
    """For every folder the same page: which one, it reads from its address, where names are still bytes."""
    person = cast(Person, request.user)
    owner = request.GET.get("owner", "") or person.username
    if not access.may_read(person, owner):
        raise Http404
    response = render(request, "files/browser.html", {"owner": owner})
    response.headers["Content-Security-Policy"] = POLICY
    return response

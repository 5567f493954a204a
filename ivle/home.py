"""The first page: what ivle is, and for somebody logged in the ways on from here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from files.access import published_part
from files.public_space import public_url
from ivle.demo import DEMO_FILES, DEMO_PASSWORD, DEMO_PEOPLE


def home(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {"demo": settings.IVLE_DEMO}
    if request.user.is_authenticated:
        username = request.user.get_username()
        context["serve_url"] = f"/serve/{username}/"
        context["public_url"] = public_url(username)
        context["published"] = published_part(username, ()) is not None
        context["examples"] = DEMO_FILES if settings.IVLE_DEMO and username in DEMO_PEOPLE else {}
    elif settings.IVLE_DEMO:
        context["people"] = DEMO_PEOPLE
        context["password"] = DEMO_PASSWORD
    return render(request, "ivle/home.html", context)

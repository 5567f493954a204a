"""The first page: what ivle is, and for somebody logged in the ways on from here."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from files.access import published_part
from ivle.demo import DEMO_FILES, DEMO_PASSWORD, DEMO_PEOPLE


def home(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {"demo": settings.IVLE_DEMO}
    if request.user.is_authenticated:
        username = request.user.get_username()
        context["serve_url"] = f"/serve/{username}/"
        context["public_url"] = public_url(username, settings.IVLE_PUBLIC_URL, settings.IVLE_PAGES_HOST)
        context["published"] = published_part(username, ()) is not None
        context["examples"] = DEMO_FILES if settings.IVLE_DEMO and username in DEMO_PEOPLE else {}
    elif settings.IVLE_DEMO:
        context["people"] = DEMO_PEOPLE
        context["password"] = DEMO_PASSWORD
    return render(request, "ivle/home.html", context)


def public_url(username: str, site_url: str, pages_host: str) -> str:
    """Where everybody finds what this person publishes: on the pages host, else on the site itself."""
    if not pages_host:
        return f"{site_url}/~{username}/"
    site = urlsplit(site_url)
    port = f":{site.port}" if site.port else ""
    return f"{site.scheme}://{pages_host}{port}/~{username}/"

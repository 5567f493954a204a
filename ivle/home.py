"""The first page: what ivle is, and for somebody logged in the ways on from here."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from courses.access import courses_of
from files.access import showing_of
from files.homes import hold_home
from files.lookup import NotThere, find, find_index
from files.models import PublishedFolder
from files.public_space import public_url
from ivle.demo import DEMO_FILES, DEMO_PASSWORD, DEMO_PEOPLE
from shells import switch


def home(request: HttpRequest) -> HttpResponse:
    context: dict[str, object] = {"demo": settings.IVLE_DEMO}
    if request.user.is_authenticated:
        username = request.user.get_username()
        context["courses"] = courses_of(request.user).filter(is_open=True)
        context["serve_url"] = f"/serve/{username}/"
        context["public_url"] = public_url(username)
        context["published"] = showing_of(username).leads_to(()) == ()
        context["some_published"] = PublishedFolder.objects.filter(person__username=username).exclude(path="").exists()
        there = pages_there(username)
        context["has_index"] = "" in there
        examples = DEMO_FILES.items() if settings.IVLE_DEMO and username in DEMO_PEOPLE else ()
        context["examples"] = {name: about for name, about in examples if name in there}
    else:
        context["has_guests"] = switch.is_on()
        if settings.IVLE_DEMO:
            context["people"] = DEMO_PEOPLE
            context["password"] = DEMO_PASSWORD
    return render(request, "ivle/home.html", context)


def pages_there(owner: str) -> set[str]:
    """Which of the pages that this one may link to are there; "" is the folder's own."""
    there = set()
    with suppress(NotThere), hold_home(owner) as home:
        for name in DEMO_FILES:
            with suppress(NotThere), find(home, (name.encode(),)) as found:
                if found.is_program and not found.rest:
                    there.add(name)
        with suppress(NotThere), find(home, ()) as folder, find_index(folder):
            there.add("")
    return there

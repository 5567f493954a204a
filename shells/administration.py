"""The administrators' page of guests: who is there, on and off, end them all. `manage.py guests` does the same."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.answers import see_other
from accounts.models import Person
from sandbox.consoles import SessionInfo
from sandbox.faults import SandboxError
from shells import census, room, switch, words
from shells.models import Start


def administrator(request: HttpRequest) -> Person:
    """Raises Http404 for anybody else."""
    person = cast(Person, request.user)
    if not (person.is_active and person.is_superuser):
        raise Http404
    return person


@login_required
@require_GET
def guests(request: HttpRequest) -> HttpResponse:
    administrator(request)
    away = ""
    running: list[SessionInfo] = []
    try:
        running = async_to_sync(census.guests_who_run)()
    except SandboxError:
        away = words.away()
    context = {
        "switch": switch.current(),
        "guests": [(datetime.fromtimestamp(info.started, UTC), info) for info in running],
        "away": away,
        "maximum": settings.IVLE_GUESTS_MAX,
        "starts": Start.objects.count(),
        "sites": settings.IVLE_GUEST_SITES,
    }
    return render(request, "shells/guests.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE if away else None)


@require_POST
@login_required
def turn(request: HttpRequest) -> HttpResponse:
    person = administrator(request)
    on = request.POST.get("to") == "on"
    try:
        ended = switch.turn(on=on, by=person)
    except SandboxError:
        messages.warning(request, words.off_but_away())
    else:
        messages.info(request, _("Guests may come.") if on else _("No more guests.") + " " + said_of_ended(ended))
    room.forget()
    return back()


@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    person = administrator(request)
    try:
        messages.info(request, said_of_ended(switch.end_all(by=person)))
    except SandboxError:
        messages.warning(request, words.away())
    room.forget()
    return back()


def said_of_ended(count: int) -> str:
    return ngettext("%(count)d shell was ended.", "%(count)d shells were ended.", count) % {"count": count}


def back() -> HttpResponse:
    return see_other("guests")

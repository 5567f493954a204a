"""/usage/: what somebody had of the processors in the last days, and asking for more."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.answers import person_of, see_other
from accounts.models import Person
from allowances import asking, words
from allowances.faults import CpuFault
from allowances.forms import AskForm
from allowances.meter import meter_of
from allowances.models import CpuDay, CpuRequest, State
from sandbox import consoles, people
from sandbox.faults import SandboxError
from sandbox.people import PersonUsage

DAYS_SHOWN: Final = 14
REQUESTS_SHOWN: Final = 10


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def usage_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if request.method != "POST":
        return show_usage(request, AskForm(person))
    form = AskForm(person, request.POST)
    if not form.is_valid():
        return show_usage(request, form, HTTPStatus.BAD_REQUEST)
    try:
        asking.ask(person, **form.wish())
    except CpuFault as fault:
        form.add_error(None, str(fault))
        return show_usage(request, form, fault.status)
    messages.success(request, _("You have asked. The answer will be shown here."))
    return see_other(request.path)


def show_usage(request: HttpRequest, form: AskForm, status: int = HTTPStatus.OK) -> HttpResponse:
    person = person_of(request)
    asking.lapse()
    requests = CpuRequest.objects.filter(person=person).select_related("course", "by")[:REQUESTS_SHOWN]
    context = {
        "form": form,
        "days": days_of(person),
        "now": usage_now(person),
        "consoles": consoles_now(person),
        "requests": [words.described(one) for one in requests],
        "waiting": next((one for one in requests if one.state == State.OPEN), None),
    }
    return render(request, "allowances/usage.html", context, status=status)


def days_of(person: Person) -> list[dict[str, Any]]:
    """The latest first; of the day that they are in also where nothing was used."""
    day = meter_of(person).day
    rows = list(CpuDay.objects.filter(person=person, day__lte=day).order_by("-day")[:DAYS_SHOWN])
    if not rows or rows[0].day != day:
        rows = [CpuDay(person=person, day=day), *rows[: DAYS_SHOWN - 1]]
    return [{"day": row.day, "is_today": row.day == day, **words.had(row)} for row in rows]


def usage_now(person: Person) -> PersonUsage | None:
    """What their programs take up on this machine at the moment."""
    try:
        found = async_to_sync(people.usage)(settings.IVLE_SANDBOX_SOCKET)
    except SandboxError:
        return None
    return found.people.get(person.username)


def consoles_now(person: Person) -> list[dict[str, Any]]:
    """Those that are open, with what they have used since they were started; who used most comes first."""
    try:
        sessions = async_to_sync(consoles.list_sessions)(settings.IVLE_SANDBOX_SOCKET, person.username)
    except SandboxError:
        return []
    sessions.sort(key=lambda session: session.cpu_seconds, reverse=True)
    return [
        {"id": session.id, "title": words.title(session.about), "used": words.amount(session.cpu_seconds)}
        for session in sessions
    ]


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        asking.take_back(person_of(request), pk)
    except CpuFault as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("You have taken it back."))
    return see_other("usage")

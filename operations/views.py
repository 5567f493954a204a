"""The machine page: what goes on, what may be done about it, and the settings in force. Administrators only."""

from __future__ import annotations

from typing import cast

from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Person
from operations import machine_now
from operations.access import answer_for_administrators, for_administrators
from operations.deeds import DEEDS, NoSuchPerson
from operations.settings_in_force import all_settings
from sandbox.faults import SandboxError


@for_administrators
@require_GET
def machine_page(request: HttpRequest) -> HttpResponse:
    return render(request, "operations/machine.html")


@answer_for_administrators
@require_GET
@never_cache
def now(request: HttpRequest) -> HttpResponse:
    return JsonResponse(async_to_sync(machine_now.look)())


@answer_for_administrators
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """`do` is one of DEEDS, to all that `owner` runs."""
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise Http404
    try:
        sentence = deed(request.POST.get("owner", ""), cast(Person, request.user))
    except NoSuchPerson as nobody:
        return JsonResponse({"detail": str(nobody)}, status=404)
    except SandboxError:
        detail = _("The sandbox supervisor does not answer. Try again in a moment.")
        return JsonResponse({"detail": detail}, status=503)
    return JsonResponse({"said": sentence})


@for_administrators
@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    return render(request, "operations/settings.html", {"settings": all_settings()})

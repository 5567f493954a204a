"""Answering requests for more CPU, and the program that was granted a run."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from allowances.access import decidable
from allowances.asking import check_amount, lapse
from allowances.changing import give, note
from allowances.faults import NotThere, TooLate
from allowances.models import CpuRequest, Done, State, What

RUN_WITHIN: Final = timedelta(days=7)  # what was granted for a run waits so long for it


def open_for(viewer: Person) -> QuerySet[CpuRequest]:
    """What waits for an answer of theirs, the oldest first."""
    lapse()
    found = decidable(viewer).filter(state=State.OPEN)
    return found.select_related("person", "course").order_by("made", "pk")


def answered_for(viewer: Person) -> QuerySet[CpuRequest]:
    """What was answered, by them or others, the latest first."""
    found = decidable(viewer).exclude(state=State.OPEN)
    return found.select_related("person", "course", "by").order_by("-decided", "-pk")


def grant(viewer: Person, pk: int, seconds: int | None = None, answer: str = "") -> CpuRequest:
    """As much as was asked for, or other `seconds`. Raises CpuFault."""
    with transaction.atomic():
        request = waiting(viewer, pk)
        amount = request.seconds if seconds is None else seconds
        check_amount(What(request.what), amount)
        decide(request, viewer, State.GRANTED, answer, granted_seconds=amount)
        if request.what == What.DAY:
            give(request.person, amount)
        note(Done.GRANTED, viewer, request.person, f"{request.what}: {amount} s", request.course)
    return request


def refuse(viewer: Person, pk: int, answer: str = "") -> CpuRequest:
    """Raises CpuFault."""
    with transaction.atomic():
        request = waiting(viewer, pk)
        decide(request, viewer, State.REFUSED, answer)
        note(Done.REFUSED, viewer, request.person, f"{request.what}: {request.seconds} s", request.course)
    return request


def waiting(viewer: Person, pk: int) -> CpuRequest:
    """Raises NotThere, and TooLate for one that is answered or was taken back."""
    request = decidable(viewer).select_related("person", "course").filter(pk=pk).first()
    if request is None:
        raise NotThere(_("There is no such request."))
    return request


def decide(request: CpuRequest, viewer: Person, state: State, answer: str, granted_seconds: int | None = None) -> None:
    """Raises TooLate."""
    still_open = CpuRequest.objects.filter(pk=request.pk, state=State.OPEN)
    values = {"state": state, "answer": answer.strip(), "by": viewer, "decided": timezone.now()}
    if not still_open.update(**values, granted_seconds=granted_seconds):
        raise TooLate(_("It was answered or taken back meanwhile."))
    for name, value in {**values, "granted_seconds": granted_seconds}.items():
        setattr(request, name, value)

"""What was granted for one run of a program: taken when it starts, given back where it does not."""

from __future__ import annotations

import posixpath

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.extra_cpu import Taken
from allowances.changing import give, take_away
from allowances.deciding import RUN_WITHIN
from allowances.models import CpuRequest, State, What


class Grants:
    """Those that are in the database."""

    def take(self, owner: str, file: str) -> Taken | None:
        """It comes on top of the owner's day as well."""
        for request in granted(owner):
            if path_of(request.program) != path_of(file):
                continue
            with transaction.atomic():
                if CpuRequest.objects.filter(pk=request.pk, state=State.GRANTED).update(state=State.USED):
                    seconds = float(request.granted_seconds or 0)
                    return Taken(seconds, request.pk, give(request.person, seconds))
        return None

    def give_back(self, taken: Taken) -> None:
        """To the day that it was taken from, which may be over by now."""
        used = CpuRequest.objects.filter(pk=taken.request, state=State.USED)
        with transaction.atomic():
            request = used.select_related("person").first()
            if request and used.update(state=State.GRANTED):
                take_away(request.person, taken.day, taken.cpu_seconds)


def granted(owner: str) -> QuerySet[CpuRequest]:
    """What waits for its run, the oldest first."""
    recent = CpuRequest.objects.filter(person__username=owner, what=What.RUN, state=State.GRANTED)
    recent = recent.filter(decided__gt=timezone.now() - RUN_WITHIN)
    return recent.select_related("person").order_by("decided")


def path_of(program: str) -> str:
    """One name of a file that people write in several ways: ./a.py, /a.py, ~/a.py."""
    return posixpath.normpath("/" + program.strip().removeprefix("~")).strip("/")

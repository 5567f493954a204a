"""Whether guests may come at the moment: the administrator's switch, on a page and as a command. Off ends them all."""

from __future__ import annotations

from typing import Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.dispatch import Signal

from accounts.models import Person
from shells import census
from shells.models import Switch

THE_ONE: Final = 1
done: Final = Signal()  # what ("on", "off", "ended"), by, number of shells ended: for the log of administrators' deeds


def current() -> Switch:
    """Nobody has touched it: on in the demo, where everybody comes from this machine, and off everywhere else."""
    return Switch.objects.select_related("by").filter(pk=THE_ONE).first() or Switch(is_on=settings.IVLE_DEMO)


def is_on() -> bool:
    return current().is_on


def turn(*, on: bool, by: Person | None = None) -> int:
    """How many guests it has ended. Raises SandboxError, with the switch turned."""
    Switch.objects.update_or_create(pk=THE_ONE, defaults={"is_on": on, "by": by})
    ended = 0
    try:
        if not on:
            ended = async_to_sync(census.end_all)()
    finally:
        done.send(Switch, what="on" if on else "off", by=by, number=ended)
    return ended


def end_all(by: Person | None = None) -> int:
    """How many guests it has ended; others may come. Raises SandboxError."""
    ended = async_to_sync(census.end_all)()
    done.send(Switch, what="ended", by=by, number=ended)
    return ended

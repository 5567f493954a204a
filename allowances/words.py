"""Times of the processor in words, and what a person is told of theirs. Translated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from allowances.meter import Meter
from allowances.models import CpuDay, CpuRequest, State, What

MINUTES_FROM_SECONDS = 120  # less is told in seconds


def amount(seconds: float) -> str:
    """ "12 min", or "8 s" of less than two minutes."""
    if seconds < MINUTES_FROM_SECONDS:
        return _("%(number)s s") % {"number": formats.number_format(round(seconds))}
    return _("%(number)s min") % {"number": formats.number_format(round(seconds / 60))}


def of(used: float, allowed: float) -> str:
    """ "12 of 60 min"."""
    if allowed < MINUTES_FROM_SECONDS:
        return _("%(used)s of %(allowed)s s") % {"used": round(used), "allowed": round(allowed)}
    # Not "60 of 60 min" before it is so.
    minutes = int(used / 60) if used < allowed else round(used / 60)
    return _("%(used)s of %(allowed)s min") % {
        "used": formats.number_format(minutes),
        "allowed": formats.number_format(round(allowed / 60)),
    }


def clock(moment: datetime) -> str:
    return formats.time_format(timezone.localtime(moment), "H:i")


def today(meter: Meter) -> str:
    """ "CPU today: 12 of 60 min. It starts anew at 03:40." """
    return _("CPU today: %(amount)s. It starts anew at %(time)s.") % {
        "amount": of(meter.counted_seconds, meter.allowed_seconds),
        "time": clock(meter.renews),
    }


def state(meter: Meter) -> str:
    """What it means for them now; "" where nothing needs to be said."""
    if meter.is_put_there:
        return _(
            "An administrator has put your programs behind all others: they run only when nobody else needs the "
            "machine."
        )
    if meter.is_over and meter.in_exam:
        return _("Your CPU for today is used up, but during the exam your programs go on as before.")
    if meter.is_over:
        return _("Your programs now run only when others do not need the machine, until %(time)s.") % {
            "time": clock(meter.renews)
        }
    if meter.in_exam:
        return _("An exam is running: your programs go before others.")
    return ""


def had(row: CpuDay) -> dict[str, str]:
    """In one day."""
    return {
        "used": amount(row.seconds),
        "granted": amount(row.granted_seconds) if row.granted_seconds else "",
    }


def used_today(meter: Meter) -> str:
    """Of somebody else."""
    return _("%(amount)s used today") % {"amount": of(meter.counted_seconds, meter.allowed_seconds)}


def described(request: CpuRequest) -> dict[str, Any]:
    """A request as a page shows it."""
    return {
        "request": request,
        "amount": amount(request.seconds),
        "wish": wish(request),
        "state": State(request.state).label,
        "granted": amount(request.granted_seconds) if request.granted_seconds else "",
        "minutes": max(1, request.seconds // 60),
    }


def wish(request: CpuRequest) -> str:
    """ "30 min for a day", "10 min for one run of lab4/simulate.py"."""
    if request.what == What.RUN:
        return _("%(amount)s for one run of %(program)s") % {
            "amount": amount(request.seconds),
            "program": request.program,
        }
    return _("%(amount)s for a day") % {"amount": amount(request.seconds)}


def title(about: Mapping[str, Any]) -> str:
    """Of a console, by the notes that it carries: the file's name, or the program's."""
    name = str(about.get("file", "")).rstrip("/").rpartition("/")[2] or str(about.get("kind", ""))
    return name.encode("utf-8", "replace").decode("utf-8")

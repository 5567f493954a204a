"""Changing what somebody may have, each with a line in the log: for administrators, their commands and their pages.

`by` is who does it, None for the command line. Whether they may, is asked before.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Person
from allowances.counting import rows_today
from allowances.models import REASON_MAX_CHARACTERS, Allowance, Change, CpuDay, Done, Kind
from courses.models import Course


def note(
    what: Done, by: Person | None, person: Person | None = None, details: str = "", course: Course | None = None
) -> None:
    """Writes the line."""
    Change.objects.create(what=what, by=by, person=person, course=course, details=details[:REASON_MAX_CHARACTERS])


@transaction.atomic
def change(person: Person, by: Person | None, **fields: Any) -> Allowance:
    """Fields of Allowance, "" or None for what others of their kind have. Raises ValidationError."""
    Person.objects.select_for_update().get(pk=person.pk)  # two at a time make one of it
    own = Allowance.objects.filter(person=person).first() or Allowance(person=person)
    for name, value in fields.items():
        setattr(own, name, value)
    own.full_clean(validate_unique=False)
    own.save()
    note(Done.CHANGED, by, person, ", ".join(f"{name}: {value or '-'}" for name, value in fields.items()))
    return own


@transaction.atomic
def put_into_tarpit(person: Person, by: Person | None, why: str = "") -> None:
    """Their programs run only when nobody else needs the machine, until they are taken out again."""
    Allowance.objects.update_or_create(person=person, defaults={"kind": Kind.TARPIT})
    note(Done.TARPIT, by, person, why)


@transaction.atomic
def take_out_of_tarpit(person: Person, by: Person | None, why: str = "") -> None:
    """Whatever put them there: an administrator, or what they have used today."""
    Allowance.objects.filter(person=person, kind=Kind.TARPIT).update(kind="")
    forgive(person)
    note(Done.RESTORED, by, person, why)


@transaction.atomic
def reset(person: Person, by: Person | None) -> None:
    """What they have used today does not count."""
    forgive(person)
    note(Done.RESET, by, person)


def forgive(person: Person) -> None:
    row = rows_today([person], timezone.now())[person.pk]
    CpuDay.objects.filter(person=person, day=row.day).update(forgiven_seconds=F("seconds"))


def give(person: Person, seconds: float) -> date:
    """More for the day that they are in, which is returned."""
    row = rows_today([person], timezone.now())[person.pk]
    CpuDay.objects.get_or_create(person=person, day=row.day)
    CpuDay.objects.filter(person=person, day=row.day).update(granted_seconds=F("granted_seconds") + seconds)
    return row.day


def take_away(person: Person, day: date, seconds: float) -> None:
    """Of what they were given for that day, as far as it goes."""
    left = Greatest(F("granted_seconds") - seconds, 0.0)
    CpuDay.objects.filter(person=person, day=day).update(granted_seconds=left)

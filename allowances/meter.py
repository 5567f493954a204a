"""How much CPU a person had today, of how much, and until when. What is shown of it, words.py says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import Person
from allowances.counting import rows_today
from allowances.days import end
from allowances.kinds import entitled
from allowances.models import Kind

NEAR = 0.8  # from here on it is told where it is not asked for


@dataclass(frozen=True)
class Meter:
    day: date
    kind: Kind  # by roles or an administrator's word, whatever was used
    used_seconds: float
    counted_seconds: float  # of it, what was not forgiven
    allowed_seconds: float  # with what was granted for this day
    renews: datetime
    in_exam: bool

    @property
    def is_over(self) -> bool:
        return self.counted_seconds >= self.allowed_seconds

    @property
    def is_near(self) -> bool:
        return self.counted_seconds >= NEAR * self.allowed_seconds

    @property
    def is_put_there(self) -> bool:
        return self.kind == Kind.TARPIT

    @property
    def is_last(self) -> bool:
        """Do their programs wait for all others?"""
        return self.is_put_there or (self.is_over and not self.in_exam)


def meter_of(person: Person, now: datetime | None = None) -> Meter:
    return meters([person], now)[person.username]


def meters(people: Collection[Person], now: datetime | None = None) -> dict[str, Meter]:
    """By login name, by four questions to the database whatever their number."""
    now = now or timezone.now()
    zone = timezone.get_default_timezone()
    rows, may = rows_today(people, now), entitled(people, now)
    found = {}
    for person in people:
        row, one = rows[person.pk], may[person.username]
        found[person.username] = Meter(
            day=row.day,
            kind=one.kind,
            used_seconds=row.seconds,
            counted_seconds=max(0.0, row.seconds - row.forgiven_seconds),
            allowed_seconds=one.cpu_seconds + row.granted_seconds,
            renews=end(person.username, row.day, zone),
            in_exam=one.in_exam,
        )
    return found

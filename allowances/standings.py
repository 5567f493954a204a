"""What the supervisor is told of people: all who are not as the others, by login name. For the warden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone

from accounts.models import Person
from allowances.counting import rows_today
from allowances.kinds import entitled, examined, guest_in_tarpit, seconds_of, teaching
from allowances.models import Allowance, CpuDay, Kind
from sandbox.standing import Standing, is_guest


def standings(counted: Mapping[str, float], now: datetime) -> dict[str, Standing]:
    """`counted` is CPU by owner since the supervisor began, which is since their beginning for guests."""
    over = over_today(now)
    own = Person.objects.filter(allowance__isnull=False)  # programs of who is switched off may still run
    named = {person.pk: person for group in (teaching(), own, examined(now), over) for person in group}
    found = entitled(list(named.values()), now)
    spent = {person.username for person in over}
    told = {login: one.standing(is_over=login in spent) for login, one in found.items()}
    return told | {owner: guest_in_tarpit() for owner in spent_guests(counted)}


def over_today(now: datetime) -> list[Person]:
    """Who has used up what they may have in the day that they are in."""
    least = min(seconds_of(kind) for kind in (Kind.STUDENT, Kind.STAFF))
    least = min(least, Allowance.objects.aggregate(least=Min("cpu_seconds"))["least"] or least)
    here = timezone.localdate(now)
    near = (here - timedelta(days=1), here + timedelta(days=2))
    much = CpuDay.objects.filter(
        day__range=near, seconds__gte=F("forgiven_seconds") + F("granted_seconds") + least
    ).select_related("person")
    people = list({row.person_id: row.person for row in much}.values())
    rows, may = rows_today(people, now), entitled(people, now)
    return [person for person in people if is_over(rows[person.pk], may[person.username].cpu_seconds)]


def is_over(row: CpuDay, cpu_seconds: int) -> bool:
    return row.seconds - row.forgiven_seconds >= cpu_seconds + row.granted_seconds


def spent_guests(counted: Mapping[str, float]) -> list[str]:
    most = settings.IVLE_ALLOWANCE_GUEST_SECONDS
    return [owner for owner, seconds in counted.items() if is_guest(owner) and seconds >= most]

"""Adds what a supervisor has counted to the days of people. The warden calls it every few seconds.

A supervisor counts each owner's CPU from its own beginning. What it had counted when it was last asked is kept beside
the sums and in the same transaction, so that a warden that dies, or a supervisor that begins anew, costs nobody a
second and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person
from allowances.days import AHEAD_MAX, earliest_day, today
from allowances.models import CpuDay, Reading
from sandbox.standing import is_guest

FORGOTTEN: Final = timedelta(days=2)  # a supervisor that has not answered for so long has ended
KEPT_FRESH: Final = timedelta(hours=1)  # it is said anew that a supervisor is there
KEPT_DAYS: Final = 60
KEPT_READINGS: Final = 64  # of supervisors that have ended, which a clock that was wrong might say of those that live
SEEN_WITHIN: Final = timedelta(days=7)
LEAST_SECONDS: Final = 0.001  # less is not worth a row
# By the ORM it is one statement for each row, or one of that length, which takes 50 times as long.
ADD: Final = "UPDATE allowances_cpuday SET seconds = seconds + %s WHERE person_id = %s AND day = %s"


def count(boot: str, counted: Mapping[str, float], now: datetime) -> None:
    """`counted` is CPU seconds by owner since that supervisor began, of all or of some. Guests are not kept."""
    people = {owner: seconds for owner, seconds in counted.items() if not is_guest(owner)}
    known = Reading.objects.filter(boot=boot).first()
    if known and not changed(known.seen, people) and abs(now - known.at) < KEPT_FRESH:
        return  # an idle site writes nothing
    with transaction.atomic():
        Reading.objects.bulk_create([Reading(boot=boot, seen={}, at=now)], ignore_conflicts=True)
        reading = Reading.objects.select_for_update().get(boot=boot)
        news = changed(reading.seen, people)
        add({owner: more for owner, more in news.items() if more > 0}, now)
        reading.seen |= {owner: people[owner] for owner in news}
        reading.at = now
        reading.save(update_fields=["seen", "at"])


def changed(seen: Mapping[str, float], counted: Mapping[str, float]) -> dict[str, float]:
    """What there is more of each owner than was seen. Less is of one whom the supervisor has forgotten: that begins
    anew, and is never taken for something new."""
    differences = {owner: seconds - seen.get(owner, 0.0) for owner, seconds in counted.items()}
    return {owner: more for owner, more in differences.items() if abs(more) >= LEAST_SECONDS}


def add(new: Mapping[str, float], now: datetime) -> None:
    people = list(Person.objects.filter(username__in=new).only("username"))
    rows = rows_today(people, now)
    CpuDay.objects.bulk_create([row for row in rows.values() if row.pk is None], ignore_conflicts=True)
    more = [(new[person.username], person.pk, rows[person.pk].day) for person in people]
    with connection.cursor() as cursor:
        cursor.executemany(ADD, more)


def rows_today(people: Collection[Person], now: datetime) -> dict[int, CpuDay]:
    """Of the day that each is in, by the person's key; one that is not in the database where nothing was counted."""
    zone, here = timezone.get_default_timezone(), timezone.localdate(now)
    near = CpuDay.objects.filter(person__in=[person.pk for person in people])
    near = near.filter(day__range=(here - AHEAD_MAX, here + AHEAD_MAX))
    of: dict[int, dict[date, CpuDay]] = {person.pk: {} for person in people}
    for row in near:
        of[row.person_id][row.day] = row
    found = {}
    for person in people:
        day = today(person.username, now, zone, of[person.pk])
        found[person.pk] = of[person.pk].get(day) or CpuDay(person_id=person.pk, day=day)
    return found


def tidy(now: datetime) -> None:
    """Forgets old days, and supervisors that have ended. By what was counted since, and never by the clock alone: one
    that is a year ahead for a while costs nobody anything."""
    days = CpuDay.objects.order_by("-day").values_list("day", flat=True).distinct()
    for oldest in days[KEPT_DAYS - 1 : KEPT_DAYS]:
        CpuDay.objects.filter(day__lt=oldest).delete()
    for latest in Reading.objects.order_by("-at").values_list("at", flat=True)[KEPT_READINGS - 1 : KEPT_READINGS]:
        Reading.objects.filter(at__lt=min(latest, now - FORGOTTEN)).delete()


def is_clock_right(now: datetime) -> bool:
    """As far as can be known: something was counted in the days that are over for everybody, too. A clock that has just
    been set far ahead has no such days, and neither has a site that nobody has used."""
    oldest = earliest_day(now, timezone.get_default_timezone())
    return CpuDay.objects.filter(day__gte=oldest - SEEN_WITHIN, day__lt=oldest).exists()

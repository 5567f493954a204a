"""When a person's day begins: at a time of the night that is their own, so that not everybody's begins at once. Pure.

A day is named by the date on which it begins. Moments are compared as moments, so that a clock that is set for summer
or winter makes a day longer or shorter, and never two of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

FIRST: Final = time(2, 0)
SPREAD_MINUTES: Final = 180
LAST: Final = (datetime.combine(date.min, FIRST) + timedelta(minutes=SPREAD_MINUTES)).time()
DAY: Final = timedelta(days=1)
# Of a clock that goes wrong: set back by less, nobody is put back into a day that was over; what was counted in days
# that are further ahead is of a clock that was wrong before.
AHEAD_MAX: Final = timedelta(days=2)


def begins_at(login: str) -> time:
    """Between 2:00 and 5:00 by the site's clock, always the same for one person."""
    number = int.from_bytes(hashlib.sha256(login.encode()).digest()[:8])
    return (datetime.combine(date.min, FIRST) + timedelta(minutes=number % SPREAD_MINUTES)).time()


def begin(login: str, day: date, zone: tzinfo) -> datetime:
    """The moment at which this day of theirs begins. A time that the clock leaves out is that much later, and of one
    that comes twice the first counts."""
    return datetime.combine(day, begins_at(login), zone).astimezone(UTC)


def day_of(login: str, now: datetime, zone: tzinfo) -> date:
    """In which day of theirs the moment is."""
    day = now.astimezone(zone).date()
    return day if begin(login, day, zone) <= now else day - DAY


def earliest_day(now: datetime, zone: tzinfo) -> date:
    """No day before this one is still anybody's."""
    here = now.astimezone(zone)
    return here.date() if here.time() >= LAST else here.date() - DAY


def today(login: str, now: datetime, zone: tzinfo, counted: Iterable[date]) -> date:
    """As day_of; `counted` are days in which something was counted already, so that a clock that is set back gives and
    takes none."""
    day = day_of(login, now, zone)
    return max((later for later in counted if day < later < day + AHEAD_MAX), default=day)


def end(login: str, day: date, zone: tzinfo) -> datetime:
    return begin(login, day + DAY, zone)

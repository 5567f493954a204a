"""The tutorials of a course, with their dates, as somebody may see them. For the page of the course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Person
from courses import access, editions
from courses.models import Course
from tutorial.outline import Part, outline_of
from tutorial.page import Dates
from tutorial.references import Addresses


@dataclass(frozen=True)
class Entry:
    """`state` is one of hidden, early, open, over. Who only sees that it is there, has no address for it."""

    name: str
    title: str
    dates: Dates
    state: str
    address: str


def tutorials_of(course: Course, person: Person) -> tuple[Entry, ...]:
    """In their order. Staff see hidden ones too, and read what is not open yet. Asks the database."""
    edition = editions.shown(course)
    if edition is None or not access.may_see(person, course):
        return ()
    teaches = access.may_teach(person, course)
    now = timezone.now()
    parts = outline_of(edition).parts
    entries = (entry_of(part, Addresses(course.slug), now, teaches=teaches) for part in parts)
    return tuple(entry for entry in entries if entry)


def entry_of(part: Part, addresses: Addresses, now: datetime, *, teaches: bool) -> Entry | None:
    state = part.dates.state(now)
    if state == "hidden" and not teaches:
        return None
    address = addresses.page(part.name) if teaches or part.dates.is_readable(now) else ""
    return Entry(part.name, part.title, part.dates, state, address)

"""The tutorials of a course, with their dates, as somebody may see them. For the page of the course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Person
from courses import access, editions
from courses.models import Course
from tutorial.page import Dates, Page
from tutorial.references import Addresses
from tutorial.shelf import page_names, published_page
from tutorial.sources import EditionFiles


@dataclass(frozen=True)
class Entry:
    """`state` is one of hidden, early, open, over. Who only sees that it is there, has no address for it."""

    name: str
    title: str
    dates: Dates
    state: str
    address: str
    exercises: tuple[str, ...] = ()


def tutorials_of(course: Course, person: Person) -> tuple[Entry, ...]:
    """In their order. Staff see hidden ones too, and read what is not open yet. Asks the database."""
    edition = editions.shown(course)
    if edition is None or not access.may_see(person, course):
        return ()
    teaches = access.may_teach(person, course)
    pages = (published_page(edition, course.slug, name) for name in page_names(EditionFiles(edition)))
    now = timezone.now()
    entries = (entry_of(page, Addresses(course.slug), now, teaches=teaches) for page in pages if page)
    return tuple(entry for entry in entries if entry)


def entry_of(page: Page, addresses: Addresses, now: datetime, *, teaches: bool) -> Entry | None:
    state = page.dates.state(now)
    if state == "hidden" and not teaches:
        return None
    address = addresses.page(page.name) if teaches or is_readable(page, now) else ""
    return Entry(page.name, page.title, page.dates, state, address, page.exercises)


def is_readable(page: Page, now: datetime) -> bool:
    """By students."""
    return page.dates.state(now) in ("open", "over")

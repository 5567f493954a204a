"""The log of who came into a course, left it or got another role: by whom, and how. Written with the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Person
from courses.models import Course, Role, RosterChange

How = RosterChange.How


@dataclass(frozen=True)
class Change:
    """None: not in the course."""

    login: str
    before: Role | None
    after: Role | None


def note(course: Course, changes: Iterable[Change], by: Person | None, how: How) -> None:
    """`by` is None for the administrator of the machine."""
    RosterChange.objects.bulk_create(
        RosterChange(course=course, login=one.login, before=one.before or "", after=one.after or "", by=by, how=how)
        for one in changes
    )


def was_removed(course: Course, person: Person) -> bool:
    """By somebody, and nobody has added them since."""
    last = RosterChange.objects.filter(course=course, login=person.username).first()
    return last is not None and not last.after


def changes_in(course: Course) -> QuerySet[RosterChange]:
    """The latest first."""
    return RosterChange.objects.filter(course=course).select_related("by")

"""Who may decide about whose CPU, and set exams. Every question of that kind is answered here.

All of these ask the database, so none is for the event loop.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Person
from allowances.models import CpuRequest
from courses.access import STAFF
from courses.models import Course, Membership, Role


def may_administer(person: Person) -> bool:
    """See and change what anybody may have."""
    return person.is_active and person.is_superuser


def may_decide_any(person: Person) -> bool:
    """Is there a page of requests for them?"""
    return may_administer(person) or taught(person).exists()


def taught(person: Person) -> QuerySet[Course]:
    """Open courses of whose staff they are."""
    if not person.is_active:
        return Course.objects.none()
    return Course.objects.filter(is_open=True, memberships__person=person, memberships__role__in=STAFF)


def asked_in(person: Person) -> QuerySet[Course]:
    """Open courses in which they are a student: whose staff they may ask."""
    if not person.is_active:
        return Course.objects.none()
    return Course.objects.filter(is_open=True, memberships__person=person, memberships__role=Role.STUDENT)


def decidable(viewer: Person) -> QuerySet[CpuRequest]:
    """The requests that somebody may see and answer: of those who are students, now, in a course that they teach.
    Nobody answers their own."""
    others = CpuRequest.objects.exclude(person=viewer)
    if may_administer(viewer):
        return others
    still_in = Membership.objects.filter(
        course=OuterRef("course"), person=OuterRef("person"), role=Role.STUDENT, person__is_active=True
    )
    return others.filter(
        Exists(still_in), Q(course__in=taught(viewer)), person__is_staff=False, person__is_superuser=False
    )


def may_decide(viewer: Person, request: CpuRequest) -> bool:
    return viewer.is_active and decidable(viewer).filter(pk=request.pk).exists()

"""Who is in a course: add, change the role, remove. Whether whoever asks may, is asked before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import changes
from courses.changes import Change, How
from courses.faults import CourseFault, NoCourse, Taken
from courses.models import Course, Membership, Role


@contextmanager
def one_at_a_time(course: Course) -> Iterator[None]:
    """Changes of who is in this course. All of them are made, or none."""
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        yield


def add(course: Course, login: str, role: Role, by: Person | None) -> Membership:
    """Raises NoCourse where nobody has that login name, Taken where they are in it as something else."""
    person = Person.objects.filter(username=login.strip().lower()).first()
    if person is None:
        raise NoCourse(
            _("Nobody has the login name %(login)s. Import a roster to make people.") % {"login": login.strip()[:40]}
        )
    with one_at_a_time(course):
        membership, is_new = Membership.objects.get_or_create(course=course, person=person, defaults={"role": role})
        if is_new:
            changes.note(course, [Change(person.username, None, role)], by, How.HAND)
    if not is_new and membership.role != role:
        raise Taken(
            _("%(login)s is in this course already, as %(role)s. Change the role in the list.")
            % {"login": person.username, "role": membership.get_role_display()}
        )
    return membership


def find(course: Course, login: str) -> Membership:
    """Raises NoCourse."""
    membership = Membership.objects.select_related("person").filter(course=course, person__username=login).first()
    if membership is None:
        raise NoCourse(_("%(login)s is not in this course any more.") % {"login": login[:40]})
    return membership


def change_role(course: Course, login: str, role: Role, by: Person | None) -> Membership:
    """Raises NoCourse, and CourseFault for the last lecturer."""
    with one_at_a_time(course):
        membership = find(course, login)
        if role != Role.LECTURER:
            keep_a_lecturer(course, membership)
        if membership.role != role:
            changes.note(course, [Change(membership.person.username, Role(membership.role), role)], by, How.HAND)
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def remove(course: Course, login: str, by: Person | None) -> None:
    """What they handed in, and their marks, stay. Raises NoCourse, and CourseFault for the last lecturer."""
    with one_at_a_time(course):
        membership = find(course, login)
        keep_a_lecturer(course, membership)
        changes.note(course, [Change(membership.person.username, Role(membership.role), None)], by, How.HAND)
        membership.delete()


def keep_a_lecturer(course: Course, leaving: Membership) -> None:
    """Raises CourseFault."""
    if leaving.role == Role.LECTURER and not others(course, leaving).exists():
        raise CourseFault(
            _("%(login)s is the only lecturer of this course. Make somebody else a lecturer first.")
            % {"login": leaving.person.username}
        )


def others(course: Course, leaving: Membership) -> QuerySet[Membership]:
    return Membership.objects.filter(course=course, role=Role.LECTURER, person__is_active=True).exclude(pk=leaving.pk)

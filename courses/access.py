"""Who may do what in which course, and with whose things. Every question of that kind is answered here.

A refusal is "not there" to whoever may not even see. All of these ask the database, so none is for the event loop.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Person
from courses.models import Course, Membership, Role

STAFF = (Role.TUTOR, Role.LECTURER)


def role_of(person: Person, course: Course) -> Role | None:
    """None for who is not in it. Administrators are lecturers of every course."""
    if not person.is_active:
        return None
    if person.is_superuser:
        return Role.LECTURER
    role = Membership.objects.filter(course=course, person=person).values_list("role", flat=True).first()
    return Role(role) if role else None


def may_make(person: Person) -> bool:
    """Make courses, or copy one to another term. Administrators give this permission away."""
    return person.has_perm("courses.add_course")


def may_see(person: Person, course: Course) -> bool:
    """Read what is published in it. Closed, too: nobody loses what they learned from."""
    return role_of(person, course) is not None


def may_teach(person: Person, course: Course) -> bool:
    """See its people, what they handed in, and their marks. Closed, too: marks are asked for afterwards."""
    return role_of(person, course) in STAFF


def may_edit(person: Person, course: Course) -> bool:
    """Publish, change marks, who is in it, and all that its settings say."""
    return role_of(person, course) == Role.LECTURER


def is_staff_for(viewer: Person, owner: str) -> bool:
    """Does the viewer teach an open course in which that person is a student? Then they may look at their files,
    consoles and runs. Nobody gets to see an administrator's things, or another lecturer's, by putting them in a course.
    """
    if not viewer.is_active or viewer.username == owner:
        return False
    return taught_together(viewer, owner).exists()


def taught_together(viewer: Person, owner: str) -> QuerySet[Course]:
    """The open courses because of which is_staff_for."""
    students = Membership.objects.filter(
        role=Role.STUDENT, person__username=owner, person__is_staff=False, person__is_superuser=False
    )
    lectures = Membership.objects.filter(role=Role.LECTURER, person=OuterRef("person"), course__is_open=True)
    courses = Course.objects.filter(is_open=True, pk__in=students.filter(~Exists(lectures)).values("course"))
    if viewer.is_superuser:
        return courses
    return courses.filter(pk__in=Membership.objects.filter(person=viewer, role__in=STAFF).values("course"))


def courses_of(person: Person) -> QuerySet[Course]:
    """The newest term first. Of an administrator, those that they are in themselves."""
    if not person.is_active:
        return Course.objects.none()
    return Course.objects.filter(memberships__person=person).select_related("term")

"""People that a roster made: they have no password yet, and a link at which they choose one.

The site sends no mail, so lecturers hand these links out. Only lecturers of the course whose roster made somebody can,
and only until that person has a password.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db.models import QuerySet

from accounts.invitation import link_for
from accounts.models import Person
from courses.models import Course, Newcomer
from courses.roster import Row


def make_people(course: Course, rows: Sequence[Row], by: Person) -> dict[str, Person]:
    """By login name. Raises django.db.IntegrityError where somebody has one of the names; call it in a transaction."""
    people = [Person(username=row.login, name=row.name, email=row.email, password=make_password(None)) for row in rows]
    Person.objects.bulk_create(people)
    Newcomer.objects.bulk_create(Newcomer(person=person, course=course, by=by) for person in people)
    return {person.username: person for person in people}


def waiting(course: Course) -> QuerySet[Person]:
    """Who has no password yet, and may be given a link by this course's lecturers."""
    return Person.objects.filter(
        newcomer__course=course,
        is_active=True,
        is_staff=False,
        is_superuser=False,
        last_login=None,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
    )


def links(course: Course) -> list[tuple[Person, str]]:
    """The path of each one's link."""
    return [(person, link_for(person)) for person in waiting(course)]

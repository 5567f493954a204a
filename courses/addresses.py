"""Which course a request is about, and who asks as what. Every page of a course begins here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from django.http import Http404, HttpRequest

from accounts.models import Person
from courses import access
from courses.models import Course, Role

# Pages of every course; no tutorial may be called so.
RESERVED: Final = frozenset(
    ("people", "log", "files", "publish", "preview", "exercises", "marks", "progress", "settings", "exams")
)
RESERVED_SLUGS: Final = frozenset(("new", "join", "looks", "terms"))  # pages that are no course's


@dataclass(frozen=True)
class Visit:
    """Somebody in a course, as what they are there."""

    person: Person
    course: Course
    role: Role

    @property
    def teaches(self) -> bool:
        return self.role in access.STAFF

    @property
    def edits(self) -> bool:
        return self.role == Role.LECTURER

    @property
    def workplace(self) -> str:
        """The folder in their home where they work on what the course gives. Not the one where a lecturer writes it:
        what they try is no part of what they publish."""
        return f"{self.course.slug}-tried" if self.edits else self.course.slug


def course_of(request: HttpRequest, slug: str) -> Visit:
    """To look. The request is of somebody logged in. Raises Http404, as for a course that is not there."""
    return visit_of(cast(Person, request.user), slug)


def visit_of(person: Person, slug: str) -> Visit:
    course = Course.objects.select_related("term").filter(slug=slug).first()
    role = access.role_of(person, course) if course else None
    if course is None or role is None:
        raise Http404
    return Visit(person, course, role)


def taught_course(request: HttpRequest, slug: str) -> Visit:
    """For tutors and lecturers. Raises Http404."""
    visit = course_of(request, slug)
    if not visit.teaches:
        raise Http404
    return visit


def edited_course(request: HttpRequest, slug: str) -> Visit:
    """For lecturers. Raises Http404."""
    visit = course_of(request, slug)
    if not visit.edits:
        raise Http404
    return visit

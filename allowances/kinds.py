"""Which kind each person is of, and what that gives: shares, CPU a day, memory, processes, who goes first.

An administrator's word (Allowance) comes before roles: staff are administrators and who teaches an open course.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.memory import usual_bytes
from accounts.models import Person
from allowances.models import Allowance, ExamTime, Kind
from courses.access import STAFF
from courses.models import Membership, Role
from sandbox.limits import MIB
from sandbox.standing import GUEST, Standing


@dataclass(frozen=True)
class Entitled:
    """What somebody may have, before anybody asks how much of it they used."""

    kind: Kind
    cpu_seconds: int  # a day
    memory_bytes: int
    processes: int
    in_exam: bool

    def standing(self, *, is_over: bool) -> Standing:
        """Over their allowance they wait for all others; not in an exam."""
        kind = Kind.TARPIT if is_over and not self.in_exam else self.kind
        goes_first = kind != Kind.TARPIT and (self.in_exam or kind == Kind.STAFF)
        return Standing(kind.value, shares_of(kind), self.memory_bytes, self.processes, goes_first)


def shares_of(kind: Kind) -> int:
    shares: int = getattr(settings, f"IVLE_SHARES_{kind.name}")
    return shares


def seconds_of(kind: Kind) -> int:
    """CPU a day. Who was put into the tarpit is asked no less than a student."""
    named = Kind.STUDENT if kind == Kind.TARPIT else kind
    seconds: int = getattr(settings, f"IVLE_ALLOWANCE_{named.name}_SECONDS")
    return seconds


def teaching() -> QuerySet[Person]:
    """Who is staff by their roles."""
    taught = Membership.objects.filter(person=OuterRef("pk"), role__in=STAFF, course__is_open=True)
    return Person.objects.filter(Q(is_staff=True) | Q(is_superuser=True) | Exists(taught), is_active=True)


def examined(now: datetime) -> QuerySet[Person]:
    """The students of courses that have an exam now."""
    exams = ExamTime.objects.filter(course=OuterRef("course"), starts__lte=now, ends__gt=now)
    students = Membership.objects.filter(Exists(exams), person=OuterRef("pk"), role=Role.STUDENT, course__is_open=True)
    return Person.objects.filter(Exists(students), is_active=True)


def entitled(people: Collection[Person], now: datetime) -> dict[str, Entitled]:
    """By login name, whatever their number by three short questions to the database: pages ask it, too."""
    keys = [person.pk for person in people]
    exams = set(ExamTime.objects.filter(starts__lte=now, ends__gt=now).values_list("course", flat=True))
    open_ones = Membership.objects.filter(person__in=keys, course__is_open=True)
    roles = list(open_ones.values_list("person", "role", "course"))
    staff = {pk for pk, role, _course in roles if role in STAFF}
    in_exam = {pk for pk, role, course in roles if role == Role.STUDENT and course in exams}
    own = {allowance.person_id: allowance for allowance in Allowance.objects.filter(person__in=keys)}
    return {
        person.username: combined(
            Kind.STAFF if person.is_active and (person.pk in staff or is_administrator(person)) else Kind.STUDENT,
            own.get(person.pk),
            in_exam=person.pk in in_exam,
        )
        for person in people
    }


def memory_of(person: Person) -> int:
    """In bytes, of all their programs together."""
    own = Allowance.objects.filter(person=person).values_list("memory_mib", flat=True).first()
    return memory_bytes(own)


def memory_bytes(own_mib: int | None) -> int:
    return own_mib * MIB if own_mib else usual_bytes()


def is_administrator(person: Person) -> bool:
    return person.is_staff or person.is_superuser


def combined(by_roles: Kind, own: Allowance | None, *, in_exam: bool) -> Entitled:
    kind = Kind(own.kind) if own and own.kind else by_roles
    return Entitled(
        kind=kind,
        cpu_seconds=(own.cpu_seconds if own else None) or seconds_of(by_roles if kind == Kind.TARPIT else kind),
        memory_bytes=memory_bytes(own.memory_mib if own else None),
        processes=(own.processes if own else None) or settings.IVLE_PERSON_PROCESSES,
        in_exam=in_exam,
    )


def guest_in_tarpit() -> Standing:
    return Standing(Kind.TARPIT.value, shares_of(Kind.TARPIT), GUEST.memory_bytes, GUEST.processes, goes_first=False)

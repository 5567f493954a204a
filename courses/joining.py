"""Codes: who knows a course's may join it as a student. Turned on, off and renewed by its lecturers.

A code is 8 of 31 signs, and nobody guesses more than GUESSES_MAX times in GUESSES_WITHIN.
"""

from __future__ import annotations

import math
import re
import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from courses import changes
from courses.changes import Change, How
from courses.faults import NoCourse, TooOften
from courses.models import Course, Guess, Membership, Role

SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
LENGTH: Final = 8
GUESSES_MAX: Final = 10
GUESSES_WITHIN: Final = timedelta(minutes=15)


def renew(course: Course) -> str:
    """The new code; the old one leads nowhere from now on."""
    course.join_code = "".join(secrets.choice(SIGNS) for _place in range(LENGTH))
    course.save(update_fields=["join_code"])
    return course.join_code


def turn_off(course: Course) -> None:
    course.join_code = None
    course.save(update_fields=["join_code"])


def join(person: Person, code: str) -> Membership:
    """The membership, which may have been there before. Raises NoCourse and TooOften."""
    guess = begin_guess(person)
    course = Course.objects.filter(join_code=plain(code), is_open=True).first()
    if course is None:
        raise NoCourse(_("No course has this code. Is it written as you were given it? It may have been renewed."))
    guess.delete()
    if changes.was_removed(course, person):
        raise NoCourse(_("You were taken out of this course, so its code does not let you in. Ask its lecturer."))
    with transaction.atomic():
        membership, is_new = Membership.objects.get_or_create(
            course=course, person=person, defaults={"role": Role.STUDENT}
        )
        if is_new:
            changes.note(course, [Change(person.username, None, Role.STUDENT)], person, How.CODE)
    return membership


def begin_guess(person: Person) -> Guess:
    """Counted before anything is looked up, so that many at the same time get no more. Raises TooOften."""
    now = timezone.now()
    Guess.objects.filter(at__lte=now - GUESSES_WITHIN).delete()
    mine = Guess.objects.filter(person=person)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # one guess of theirs at a time
        if mine.count() < GUESSES_MAX:
            return Guess.objects.create(person=person, at=now)
    first = mine.order_by("at").first()
    ends = (first.at if first else now) + GUESSES_WITHIN
    minutes = max(1, math.ceil((ends - now).total_seconds() / 60))
    raise TooOften(
        _("These were too many codes that no course has. Try again in %(minutes)d minutes.") % {"minutes": minutes},
        seconds=minutes * 60,
    )


def plain(code: str) -> str:
    """As it is kept, however it was typed."""
    return re.sub(r"[\s\0-]", "", code[:64]).lower()


def spaced(code: str) -> str:
    """As it is shown, to be read out."""
    return f"{code[:4]}-{code[4:]}"

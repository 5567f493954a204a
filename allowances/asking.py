"""Asking for more CPU: a person's requests, how many and how much there may be, and taking one back."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from allowances import words
from allowances.access import asked_in
from allowances.counting import is_clock_right
from allowances.faults import CpuFault, NotThere, TooLate, TooOften
from allowances.models import CpuRequest, State, What
from courses.models import Course

A_DAY_MAX: Final = 3
DAY_MAX_SECONDS: Final = 4 * 3600
RUN_MAX_SECONDS: Final = 3600
MIN_SECONDS: Final = 60
MOST: Final = {What.DAY: DAY_MAX_SECONDS, What.RUN: RUN_MAX_SECONDS}
ANSWERED_WITHIN: Final = timedelta(days=7)


def ask(
    person: Person, what: What, seconds: int, reason: str, course: Course | None = None, program: str = ""
) -> CpuRequest:
    """Of the staff of that course, or where it is None of the administrators. Raises CpuFault."""
    lapse()
    check_amount(what, seconds)
    if not reason.strip():
        raise CpuFault(_("Say what you need it for. Whoever decides reads it."))
    if what == What.RUN and not program.strip():
        raise CpuFault(_("Name the program that needs more."))
    if course is not None and not asked_in(person).filter(pk=course.pk).exists():
        raise NotThere(_("You are no student of such a course."))
    since = timezone.now() - timedelta(days=1)
    if CpuRequest.objects.filter(person=person, made__gt=since).count() >= A_DAY_MAX:
        raise TooOften(_("You have asked %(count)d times within a day. Ask again tomorrow.") % {"count": A_DAY_MAX})
    try:
        with transaction.atomic():
            return CpuRequest.objects.create(
                person=person,
                course=course,
                what=what,
                program=program.strip() if what == What.RUN else "",
                seconds=seconds,
                reason=reason.strip(),
            )
    except IntegrityError:
        raise TooLate(_("You have asked already and are not answered yet. To change it, take it back first.")) from None


def check_amount(what: What, seconds: int) -> None:
    """Raises CpuFault."""
    if not MIN_SECONDS <= seconds <= MOST[what]:
        raise CpuFault(
            _("Between %(least)s and %(most)s can be given.")
            % {"least": words.amount(MIN_SECONDS), "most": words.amount(MOST[what])}
        )


def take_back(person: Person, pk: int) -> None:
    """Raises NotThere, and TooLate for one that is answered."""
    mine = CpuRequest.objects.filter(person=person, pk=pk)
    if not mine.exists():
        raise NotThere(_("There is no such request of yours."))
    if not mine.filter(state=State.OPEN).update(state=State.WITHDRAWN, decided=timezone.now()):
        raise TooLate(_("It is answered already."))


def lapse() -> None:
    """Those that nobody has answered, so that whoever asked may ask again. Not by a clock that may be wrong."""
    now = timezone.now()
    late = CpuRequest.objects.filter(state=State.OPEN, made__lte=now - ANSWERED_WITHIN)
    if late.exists() and is_clock_right(now):  # else nothing is written, by pages that are looked at often
        late.update(state=State.LAPSED, decided=now)

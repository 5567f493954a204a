"""When a course has an exam: set and removed by its lecturers. While one runs, kinds.py lets its students go first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from allowances.changing import note
from allowances.faults import CpuFault, NotThere
from allowances.models import Done, ExamTime
from courses.models import Course

LENGTH_MAX: Final = timedelta(hours=8)
AHEAD_MAX: Final = timedelta(days=366)
COMING_MAX: Final = 5  # of one course


def coming(course: Course) -> QuerySet[ExamTime]:
    """Those that are not over."""
    return ExamTime.objects.filter(course=course, ends__gt=timezone.now()).select_related("by")


def set_exam(course: Course, starts: datetime, ends: datetime, by: Person) -> ExamTime:
    """Raises CpuFault."""
    now = timezone.now()
    if not course.is_open:
        raise CpuFault(_("This course is over. Open it again first."))
    if ends <= starts:
        raise CpuFault(_("It ends before it starts."))
    if ends <= now:
        raise CpuFault(_("That is over already."))
    if starts > now + AHEAD_MAX:
        raise CpuFault(_("That is more than a year away."))
    if ends - starts > LENGTH_MAX:
        raise CpuFault(_("An exam is at most %(hours)d hours long.") % {"hours": LENGTH_MAX // timedelta(hours=1)})
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        if coming(course).count() >= COMING_MAX:
            raise CpuFault(_("There are %(count)d exams to come. Remove one first.") % {"count": COMING_MAX})
        exam = ExamTime.objects.create(course=course, starts=starts, ends=ends, by=by)
        note(Done.EXAM, by, details=in_words(exam), course=course)
    return exam


def remove_exam(course: Course, pk: int, by: Person) -> None:
    """One that is under way ends. Raises NotThere."""
    with transaction.atomic():
        exam = coming(course).filter(pk=pk).first()
        if exam is None:
            raise NotThere(_("There is no such exam to come."))
        note(Done.NO_EXAM, by, details=in_words(exam), course=course)
        exam.delete()


def in_words(exam: ExamTime) -> str:
    return f"{timezone.localtime(exam.starts):%Y-%m-%d %H:%M} – {timezone.localtime(exam.ends):%Y-%m-%d %H:%M}"

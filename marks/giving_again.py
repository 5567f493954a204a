"""What exercises weigh goes along when their course is given again. Told by courses/copying.py."""

from __future__ import annotations

from typing import Any

from courses.models import Course
from marks.models import Conditions


def copy_weights(source: Course, course: Course, **_about: Any) -> None:
    """Dates do not: they were of the term before."""
    weighed = Conditions.objects.filter(course=source, weight__isnull=False)
    Conditions.objects.bulk_create(
        Conditions(course=course, exercise=one.exercise, weight=one.weight) for one in weighed
    )

"""What one exercise tells about a class: how each test went, and who is stuck. For staff_pages.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Person
from courses.models import Course
from marks.grid import students_of
from marks.models import Attempt, Mark
from marks.rules import is_stuck


@dataclass(frozen=True)
class TestFigures:
    """Of the last marked attempt of each student."""

    __test__ = False  # to pytest

    title: str
    hidden: bool
    passed: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.passed / self.of) if self.of else 0


@dataclass(frozen=True)
class Stuck:
    person: Person
    tries: int
    mark: Mark


@dataclass(frozen=True)
class Figures:
    students: int
    handed_in: int
    solved: int
    attempts: int
    tests: tuple[TestFigures, ...]
    stuck: tuple[Stuck, ...]


def figures_of(course: Course, name: str) -> Figures:
    students = students_of(course)
    attempts = Attempt.objects.filter(course=course, exercise=name, person__in=students)
    marks = list(Mark.objects.filter(course=course, exercise=name, person__in=students).select_related("person"))
    marked = attempts.filter(report__isnull=False)
    last = dict(marked.order_by("number").values_list("person", "pk"))  # by person
    reports = Attempt.objects.filter(pk__in=last.values()).order_by("person").values_list("report", flat=True)
    return Figures(
        students=students.count(),
        handed_in=attempts.values("person").distinct().count(),
        solved=sum(mark.points is not None and mark.points >= (mark.of_points or 0) for mark in marks),
        attempts=attempts.count(),
        tests=tests_of(reports.iterator()),
        stuck=tuple(
            Stuck(mark.person, mark.tries, mark)
            for mark in sorted(marks, key=lambda mark: -mark.tries)
            if is_stuck(mark.tries, mark.points, mark.of_points)
        ),
    )


def tests_of(reports: Iterable[Any]) -> tuple[TestFigures, ...]:
    """In the order of the exercise."""
    counts: dict[tuple[str, bool], list[int]] = {}
    for report in reports:
        for result in report["results"]:
            count = counts.setdefault((result["title"], result["hidden"]), [0, 0])
            count[0] += result["passed"]
            count[1] += 1
    return tuple(TestFigures(title, hidden, passed, of) for (title, hidden), (passed, of) in counts.items())

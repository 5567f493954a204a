"""Everybody's marks of a course in one table, and the same as CSV. A student's own row is their progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet

from accounts.models import Person
from courses import editions
from courses.models import Course, Membership, Role
from exercises.exercise import Exercise
from marks import catalogue
from marks.models import Attempt, Conditions, Mark
from marks.rules import Part, Terms, is_stuck, total_percent

SHOWN: Final = ("all", "open", "stuck", "nothing")


@dataclass(frozen=True)
class Column:
    """An exercise. `points` are None for one that is in no edition any more; it keeps its column."""

    name: str
    title: str
    points: float | None
    weight: float
    terms: Terms


@dataclass(frozen=True)
class Cell:
    """A person at an exercise."""

    points: float | None
    of_points: float | None
    attempts_count: int
    tries: int
    by_hand: bool
    tried: datetime | None

    @property
    def is_full(self) -> bool:
        return self.points is not None and self.of_points is not None and self.points >= self.of_points

    @property
    def is_stuck(self) -> bool:
        return is_stuck(self.tries, self.points, self.of_points)

    @property
    def state(self) -> str:
        if self.points is None:
            return "stuck" if self.is_stuck else "nothing"
        if self.is_full:
            return "full"
        return "stuck" if self.is_stuck else "part"


@dataclass(frozen=True)
class Row:
    person: Person
    cells: tuple[Cell, ...]
    total_percent: float

    def is_shown(self, show: str) -> bool:
        match show:
            case "open":
                return not all(cell.is_full for cell in self.cells)
            case "stuck":
                return any(cell.is_stuck for cell in self.cells)
            case "nothing":
                return all(cell.points is None for cell in self.cells)
        return True


@dataclass(frozen=True)
class Grid:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


EMPTY: Final = Cell(None, None, 0, 0, by_hand=False, tried=None)


def columns_of(course: Course) -> tuple[Column, ...]:
    """By name. Those that are shown, and those that somebody has a mark of."""
    edition = editions.shown(course)
    marked = Mark.objects.filter(course=course).values_list("exercise", flat=True).distinct()
    conditions = {one.exercise: one for one in Conditions.objects.filter(course=course)}
    return tuple(
        column_of(catalogue.find_or_none(edition, name), name, conditions.get(name))
        for name in sorted({*catalogue.names(edition), *marked})
    )


def column_of(exercise: Exercise | None, name: str, conditions: Conditions | None) -> Column:
    points = exercise.points if exercise else None
    set_weight = conditions.weight if conditions else None
    return Column(
        name=name,
        title=exercise.title if exercise else name,
        points=points,
        weight=(points or 0.0) if set_weight is None else set_weight,
        terms=catalogue.with_conditions(exercise, conditions) if exercise else Terms(),
    )


def students_of(course: Course) -> QuerySet[Person]:
    students = Membership.objects.filter(course=course, role=Role.STUDENT)
    return Person.objects.filter(pk__in=students.values("person")).order_by("name", "username")


def grid_of(course: Course, people: Iterable[Person] | None = None) -> Grid:
    """Of all its students, or of some people."""
    columns = columns_of(course)
    chosen = list(students_of(course) if people is None else people)
    cells: dict[tuple[int, str], Cell] = {}
    counts = attempts_counts(course, chosen)
    for mark in Mark.objects.filter(course=course, person__in=chosen):
        key = (mark.person_id, mark.exercise)
        cells[key] = Cell(
            mark.points, mark.of_points, counts.get(key, 0), mark.tries, mark.by_hand is not None, mark.tried
        )
    return Grid(columns, tuple(row_of(person, columns, cells) for person in chosen))


def attempts_counts(course: Course, people: Sequence[Person]) -> dict[tuple[int, str], int]:
    counted = Attempt.objects.filter(course=course, person__in=people).values_list("person", "exercise")
    return {(person, exercise): count for person, exercise, count in counted.annotate(count=Count("pk")).order_by()}


def row_of(person: Person, columns: Sequence[Column], cells: Mapping[tuple[int, str], Cell]) -> Row:
    own = tuple(cells.get((person.pk, column.name), EMPTY) for column in columns)
    parts = [Part(column.weight, cell.points, cell.of_points) for column, cell in zip(columns, own, strict=True)]
    return Row(person, own, total_percent(parts))


def chosen(grid: Grid, search: str, show: str, order: str) -> tuple[Row, ...]:
    """Those rows that are asked for. `order` is name, total or an exercise; with a minus before it, downwards."""
    needle = search.casefold().strip()
    rows = [
        row
        for row in grid.rows
        if row.is_shown(show) and (not needle or needle in f"{row.person.name} {row.person.username}".casefold())
    ]
    key, downwards = order.removeprefix("-"), order.startswith("-")
    places = {column.name: index for index, column in enumerate(grid.columns)}
    if key == "total":
        rows.sort(key=lambda row: row.total_percent, reverse=downwards)
    elif key in places:
        rows.sort(key=lambda row: portion(row.cells[places[key]]), reverse=downwards)
    elif downwards:
        rows.reverse()
    return tuple(rows)


def portion(cell: Cell) -> float:
    """Nothing handed in is less than no points."""
    return -1.0 if cell.points is None or not cell.of_points else cell.points / cell.of_points


def table_of(grid: Grid) -> list[list[object]]:
    """For CSV. The columns are always in this order, and go by the exercises' names, whatever their titles become."""
    head: list[object] = ["login", "name"]
    for column in grid.columns:
        head += [f"{column.name} points", f"{column.name} of", f"{column.name} attempts"]
    return [[*head, "total percent"], *(line_of(row) for row in grid.rows)]


def line_of(row: Row) -> list[object]:
    line: list[object] = [row.person.username, row.person.name]
    for cell in row.cells:
        line += [plain(cell.points), plain(cell.of_points), cell.attempts_count]
    return [*line, plain(row.total_percent)]


def plain(number: float | None) -> str:
    """Without an end that says nothing, so that two exports differ only where marks do."""
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")

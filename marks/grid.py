"""Everybody's marks of a course in one table, and the same as CSV. A student's own row is their progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from accounts.models import Person
from courses import editions
from courses.models import Course, Edition, Membership, Role
from exercises.exercise import Exercise
from marks import catalogue
from marks.models import Attempt, Conditions, Mark
from marks.rules import Part, Terms, is_stuck, total_percent
from tutorial.outline import Outline, outline_of

SHOWN: Final = ("all", "open", "stuck", "nothing")


@dataclass(frozen=True)
class Column:
    """An exercise. `points` are None for one that is not shown any more; it keeps its column and weight. `tutorial` and
    `heading` are name and title of the tutorial that has it, or empty. Before students see it, it counts nothing."""

    name: str
    title: str
    points: float | None
    weight: float
    terms: Terms
    tutorial: str = ""
    heading: str = ""
    is_open: bool = True


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
class Group:
    """Columns side by side that are of one tutorial."""

    tutorial: str
    heading: str
    size: int


@dataclass(frozen=True)
class Grid:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def groups(self) -> list[Group]:
        """Of its columns; empty where none is in a tutorial."""
        if not any(column.tutorial for column in self.columns):
            return []
        together = groupby(self.columns, lambda column: (column.tutorial, column.heading))
        return [Group(*about, sum(1 for _ in columns)) for about, columns in together]


@dataclass(frozen=True)
class Line:
    """A person at an exercise, by itself. `is_seen`: they may go there."""

    column: Column
    cell: Cell
    is_seen: bool = True
    attempts: tuple[Attempt, ...] = ()


EMPTY: Final = Cell(None, None, 0, 0, by_hand=False, tried=None)


def columns_of(course: Course) -> tuple[Column, ...]:
    """Those that are shown, in the order of their tutorials, those of no tutorial, and those that somebody has a mark
    of though they are not shown any more."""
    edition = editions.shown(course)
    outline = outline_of(edition)
    marks = Mark.objects.filter(course=course, person__in=students_of(course)).order_by("exercise").values("exercise")
    worth = dict(marks.annotate(most=Max("of_points")).values_list("exercise", "most"))
    conditions = {one.exercise: one for one in Conditions.objects.filter(course=course)}
    return tuple(
        column_of(catalogue.find_or_none(edition, name), name, conditions.get(name), outline, worth.get(name))
        for name in in_order(edition, outline, worth)
    )


def in_order(edition: Edition | None, outline: Outline, marked: Iterable[str]) -> list[str]:
    shown = set(catalogue.names(edition))
    now = timezone.now()
    taught = [
        name
        for part in outline.parts
        for name in part.exercises
        if name in shown and outline.home_of(name, now) == part
    ]
    return list(dict.fromkeys([*taught, *sorted(shown), *sorted(marked)]))


def column_of(
    exercise: Exercise | None, name: str, conditions: Conditions | None, outline: Outline, worth: float | None
) -> Column:
    """`worth`: of how many points marks are, which is what one weighs that is not shown any more."""
    points = exercise.points if exercise else None
    set_weight = conditions.weight if conditions else None
    now = timezone.now()
    part = outline.home_of(name, now)
    return Column(
        tutorial=part.name if part else "",
        heading=part.title if part else "",
        is_open=outline.is_open(name, now),
        name=name,
        title=exercise.title if exercise else name,
        points=points,
        weight=((worth if points is None else points) or 0.0) if set_weight is None else set_weight,
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
    parts = [
        Part(column.weight, cell.points, cell.of_points)
        for column, cell in zip(columns, own, strict=True)
        if column.is_open
    ]
    return Row(person, own, total_percent(parts))


def lines_of(grid: Grid, *, teaches: bool) -> list[Line]:
    """Of somebody's own progress: what they may see, and what they have points for."""
    [row] = grid.rows
    lines = [Line(*pair, is_seen=teaches or pair[0].is_open) for pair in zip(grid.columns, row.cells, strict=True)]
    return [line for line in lines if line.is_seen or line.cell.points is not None]


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
    """For CSV. The columns are in the order of the exercises' names, whatever their titles and tutorials become."""
    order = sorted(range(len(grid.columns)), key=lambda index: grid.columns[index].name)
    head: list[object] = ["login", "name"]
    for column in (grid.columns[index] for index in order):
        head += [f"{column.name} points", f"{column.name} of", f"{column.name} attempts"]
    return [[*head, "total percent"], *(line_of(row, order) for row in grid.rows)]


def line_of(row: Row, order: Iterable[int]) -> list[object]:
    line: list[object] = [row.person.username, row.person.name]
    for cell in (row.cells[index] for index in order):
        line += [plain(cell.points), plain(cell.of_points), cell.attempts_count]
    return [*line, plain(row.total_percent)]


def plain(number: float | None) -> str:
    """Without an end that says nothing, so that two exports differ only where marks do."""
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")

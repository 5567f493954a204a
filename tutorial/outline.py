"""What an edition has, in its order: tutorials with their dates, and the exercises in each. Kept with the edition, so
that no page is read for it. When students may see an exercise, and until when hand it in, is said here alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courses import editions
from courses.models import Edition
from tutorial.page import Dates, Page
from tutorial.shelf import page_names, published_page
from tutorial.sources import EditionFiles


@dataclass(frozen=True)
class Part:
    """A tutorial. `exercises` are those that it has or leads to, each once."""

    name: str
    title: str
    dates: Dates
    exercises: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outline:
    parts: tuple[Part, ...] = ()

    def home_of(self, exercise: str, now: datetime) -> Part | None:
        """The first tutorial that has it; of several, one that students may read."""
        parts = list(self.parts_with(exercise))
        return next((part for part in parts if part.dates.is_readable(now)), parts[0] if parts else None)

    def parts_with(self, exercise: str) -> Iterator[Part]:
        return (part for part in self.parts if exercise in part.exercises)

    def is_open(self, exercise: str, now: datetime) -> bool:
        """To students: it is in a tutorial that they may read, or in none."""
        parts = list(self.parts_with(exercise))
        return not parts or any(part.dates.is_readable(now) for part in parts)

    def closes(self, exercise: str, now: datetime) -> datetime | None:
        """When the last of the tutorials that have it does, of those that students may read."""
        closing = [part.dates.closes for part in self.parts_with(exercise) if part.dates.is_readable(now)]
        known = [moment for moment in closing if moment is not None]
        return max(known) if known and len(known) == len(closing) else None


def outline_of(edition: Edition | None) -> Outline:
    """Editions never change, so it is made once. Not for the event loop."""
    if edition is None:
        return Outline()
    if edition.outline is None:
        if not editions.names(edition):
            return Outline()  # its zip is gone; a backup may bring it back
        edition.outline = [kept(part) for part in parts_in(edition)]
        Edition.objects.filter(pk=edition.pk).update(outline=edition.outline)
    return Outline(tuple(known(part) for part in edition.outline))


def parts_in(edition: Edition) -> Iterator[Part]:
    for name in page_names(EditionFiles(edition)):
        page = published_page(edition, edition.course.slug, name)
        if page is not None:
            yield part_of(page)


def part_of(page: Page) -> Part:
    linked = [link.target for link in page.links if link.kind == "exercise"]
    return Part(page.name, page.title, page.dates, tuple(dict.fromkeys([*page.exercises, *linked])))


def kept(part: Part) -> dict[str, Any]:
    """As JSON."""
    dates = part.dates
    return {
        "name": part.name,
        "title": part.title,
        "opens": dates.opens.isoformat() if dates.opens else None,
        "closes": dates.closes.isoformat() if dates.closes else None,
        "hidden": dates.is_hidden,
        "exercises": list(part.exercises),
    }


def known(message: dict[str, Any]) -> Part:
    opens, closes = (datetime.fromisoformat(message[key]) if message[key] else None for key in ("opens", "closes"))
    dates = Dates(opens, closes, message["hidden"])
    return Part(message["name"], message["title"], dates, tuple(message["exercises"]))

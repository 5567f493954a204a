"""Exercises as a course has them: read out of its files, their tasks and hints as HTML, made as tutorials' prose is.
For publishing, previews, and marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from exercises.exercise import Exercise
from exercises.reading import read
from tutorial.page import Link
from tutorial.prose import Prose, parser
from tutorial.reading import one_at_a_time
from tutorial.references import EXERCISES, Addresses
from tutorial.shelf import ENDING

KEPT_MAX: Final = 512
TEXT_MAX_CHARACTERS: Final = 64 * 1024
Problem = tuple[int, str]  # a line and what is wrong in it


def file_of(name: str) -> str:
    return f"{EXERCISES}/{name}{ENDING}"


def exercise_in(files: Mapping[str, bytes], name: str) -> Exercise:
    """Raises KeyError, UnicodeDecodeError, and Faults with what is wrong with it."""
    beside = f"{EXERCISES}/{name}/"
    given = {path.removeprefix(beside): files[path] for path in files if path.startswith(beside)}
    return read(name, files[file_of(name)].decode("utf-8-sig"), given)


@lru_cache(maxsize=KEPT_MAX)
def html_of(text: str, addresses: Addresses) -> str:
    """Of a task or a hint: it has passed an allow-list. Pictures and links count from the course's folder."""
    return rendered(text, addresses)[0]


def rendered(text: str, addresses: Addresses) -> tuple[str, list[Problem], list[Link]]:
    problems: list[Problem] = []
    if len(text) > TEXT_MAX_CHARACTERS:
        problems.append((1, _("This text is longer than %(most)d characters.") % {"most": TEXT_MAX_CHARACTERS}))
        text = text[:TEXT_MAX_CHARACTERS]
    prose = Prose(addresses, lambda line, reason: problems.append((line, reason)))
    with one_at_a_time:
        html = prose.render(parser().parse(text))
    return html, problems, prose.links


def looked_at(exercise: Exercise, source: str, addresses: Addresses) -> Iterator[tuple[list[Problem], list[Link]]]:
    """What is wrong in its texts, and where they lead; lines are those of its file."""
    for text in (exercise.text, *(hint.text for hint in exercise.hints)):
        above = source.replace("\r\n", "\n").partition(text)[0].count("\n")
        _html, problems, links = rendered(text, addresses)
        moved = [Link(link.kind, link.target, link.line + above) for link in links]
        yield [(line + above, reason) for line, reason in problems], moved

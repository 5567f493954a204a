"""What is wrong with a course, file and line, before anything of it is run. For publishing and previews."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from courses.addresses import RESERVED
from exercises.faults import Faults
from tutorial.page import ExerciseBox, Fault, Link, Page
from tutorial.references import EXERCISES, Addresses
from tutorial.shelf import ENDING, exercise_names, page_names, read
from tutorial.texts import exercise_in, looked_at
from tutorial.texts import file_of as file_of_exercise

PAGES_MAX: Final = 200
EXERCISE_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")


def lint(files: Mapping[str, bytes], slug: str) -> tuple[Fault, ...]:
    """In the order of files and lines."""
    return tuple(sorted(set(faults_in(files, slug))))


def faults_in(files: Mapping[str, bytes], slug: str) -> Iterator[Fault]:
    names = page_names(files)
    if not names:
        yield Fault(
            "", 0, _("There is no tutorial in this folder: a file whose name ends in .md, with # Title on top.")
        )
    if len(names) > PAGES_MAX:
        yield Fault("", 0, _("A course has at most %(most)d tutorials.") % {"most": PAGES_MAX})
        return
    for name in names:
        if name in RESERVED:
            yield Fault(
                name + ENDING, 0, _("No tutorial can be called %(name)s: the site has a page there.") % {"name": name}
            )
        try:
            files[name + ENDING].decode("utf-8-sig")
            page, faults = read(files, name, Addresses(slug))
        except KeyError:
            yield Fault(name + ENDING, 0, _("This file cannot be read."))
            continue
        except UnicodeDecodeError as fault:
            line = files[name + ENDING][: fault.start].count(b"\n") + 1
            yield Fault(name + ENDING, line, _("This is not text in UTF-8."))
            continue
        yield from faults
        yield from dead_links(name + ENDING, page.links, files)
        yield from missing_exercises(page, files)
    for name in exercise_names(files):
        if not EXERCISE_NAME.fullmatch(name):
            yield Fault(file_of_exercise(name), 0, _("An exercise’s file name is a-z, 0-9 and -, then .md."))
        yield from faults_in_texts(name, files, Addresses(slug))


def faults_in_texts(name: str, files: Mapping[str, bytes], addresses: Addresses) -> Iterator[Fault]:
    """Of an exercise that can be read; what else is wrong with it, trying it tells."""
    file = file_of_exercise(name)
    try:
        exercise = exercise_in(files, name)
        source = files[file].decode("utf-8-sig")
    except (KeyError, Faults, UnicodeDecodeError):
        return
    for problems, links in looked_at(exercise, source, addresses):
        yield from (Fault(file, line, reason) for line, reason in problems)
        yield from dead_links(file, links, files)


def dead_links(file: str, links: Iterable[Link], files: Mapping[str, bytes]) -> Iterator[Fault]:
    for link in links:
        target = file_of(link)
        if target is None or target in files:
            continue
        near = next((name for name in files if name.lower() == target.lower()), None)
        if near:
            yield Fault(file, link.line, _("There is no %(name)s, but %(near)s.") % {"name": target, "near": near})
        else:
            yield Fault(file, link.line, _("There is no %(name)s in the course’s folder.") % {"name": target})


def missing_exercises(page: Page, files: Mapping[str, bytes]) -> Iterator[Fault]:
    for block in page.blocks:
        if isinstance(block, ExerciseBox) and f"{EXERCISES}/{block.name}{ENDING}" not in files:
            reason = _("There is no exercise %(name)s: it would be exercises/%(name)s.md.") % {"name": block.name}
            yield Fault(page.name + ENDING, block.line, reason)


def file_of(link: Link) -> str | None:
    paths = {"page": f"{link.target}{ENDING}", "exercise": f"{EXERCISES}/{link.target}{ENDING}", "file": link.target}
    return paths.get(link.kind)

"""A page as somebody sees it: its blocks, ready for the template, with their own texts in the boxes. For the views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from courses.addresses import Visit
from exercises.faults import Faults
from tutorial.boxes import ShownBox, show_boxes
from tutorial.highlighting import python_html
from tutorial.listing import Entry
from tutorial.page import Block, Box, ExerciseBox, Expected, Fault, Listing, Page, Prose
from tutorial.prose import code_html
from tutorial.references import Addresses
from tutorial.shelf import title_of_exercise
from tutorial.texts import exercise_in, html_of


@dataclass(frozen=True)
class ShownExercise:
    """As students find it, for who previews it: its task, and `files` with their names and what they begin with, as
    HTML; `tests` are their titles, empty for hidden ones."""

    html: str
    files: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class ShownBlock:
    """Of its `kind` the template knows how it looks: prose, code, box, exercise."""

    kind: str
    html: str = ""
    box: ShownBox | None = None
    expected: Expected | None = None
    name: str = ""
    title: str = ""
    address: str = ""
    exercise: ShownExercise | None = None


@dataclass(frozen=True)
class Neighbours:
    before: Entry | None = None
    after: Entry | None = None


@dataclass(frozen=True)
class Shown:
    """`faults` are for the lecturer who previews it."""

    page: Page
    blocks: tuple[ShownBlock, ...]
    folder: str
    state: str = "open"
    is_preview: bool = False
    faults: tuple[Fault, ...] = ()
    source: str = ""  # the folder that is previewed, percent-encoded

    @property
    def has_exercises(self) -> bool:
        return any(block.kind == "exercise" for block in self.blocks)


@dataclass(frozen=True)
class Presenter:
    """Turns blocks into what the template shows."""

    boxes: Mapping[str, ShownBox]
    files: Mapping[str, bytes]
    addresses: Addresses

    def blocks(self, page: Page) -> Iterator[ShownBlock]:
        for block in page.blocks:
            yield MAKERS[type(block)](self, block)

    def prose(self, block: Prose) -> ShownBlock:
        return ShownBlock("prose", html=block.html)

    def listing(self, block: Listing) -> ShownBlock:
        return ShownBlock("code", html=code_html(block.language, block.text), expected=block.expected)

    def box(self, block: Box) -> ShownBlock:
        return ShownBlock("box", box=self.boxes[block.name], expected=block.expected)

    def exercise(self, block: ExerciseBox) -> ShownBlock:
        title = title_of_exercise(self.files, block.name)
        address = self.addresses.exercise(block.name)
        previewed = self.previewed(block.name) if self.addresses.is_preview else None
        return ShownBlock("exercise", name=block.name, title=title, address=address, exercise=previewed)

    def previewed(self, name: str) -> ShownExercise | None:
        """None for one that cannot be read, which the faults of the page say."""
        try:
            exercise = exercise_in(self.files, name)
        except (KeyError, Faults, UnicodeDecodeError):
            return None
        files = ((file, python_html(text)) for file, text in exercise.files.items())
        tests = tuple("" if test.hidden else test.title for test in exercise.tests)
        return ShownExercise(html_of(exercise.text, self.addresses), tuple(files), tests)


MAKERS: Final[dict[type[Block], Any]] = {
    Prose: Presenter.prose,
    Listing: Presenter.listing,
    Box: Presenter.box,
    ExerciseBox: Presenter.exercise,
}


def present(
    page: Page,
    visit: Visit,
    files: Mapping[str, bytes],
    folder: str,
    *,
    is_preview: bool = False,
    faults: tuple[Fault, ...] = (),
    source: str = "",
) -> Shown:
    """Reads the home of whoever looks; not for the event loop."""
    addresses = Addresses(visit.course.slug, is_preview)
    boxes = show_boxes(page.boxes, visit.person.username, folder, page.name)
    blocks = tuple(Presenter(boxes, files, addresses).blocks(page))
    return Shown(page, blocks, folder, is_preview=is_preview, faults=faults, source=source)

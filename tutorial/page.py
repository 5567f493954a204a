"""A tutorial page as it was written: its title, its dates, and its blocks in their order. Made by reading.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

PAGE_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
Kind = Literal["run", "repl", "file", "web"]


@dataclass(frozen=True, order=True)
class Fault:
    """What a lecturer should mend, in a sentence, and where. `line` counts from 1; 0 is the file as a whole."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Prose:
    """`html` has passed an allow-list."""

    html: str


@dataclass(frozen=True)
class Expected:
    """What running a block prints when this is typed meanwhile; None: whatever. Publishing tries it; where it
    `is_shown`, people see it below the block."""

    output: str | None
    typed: str = ""
    is_shown: bool = True


@dataclass(frozen=True)
class Listing:
    """Code that is only shown."""

    language: str
    text: str
    line: int
    expected: Expected | None = None


@dataclass(frozen=True)
class Box:
    """Code to change and run. `file` is where a student's own text of it is kept, counted from the page's folder in
    their home, or with a slash before it from the course's."""

    kind: Kind
    name: str
    file: str
    language: str
    text: str
    line: int
    setup: str = ""  # the text that runs before it, unseen
    expected: Expected | None = None


@dataclass(frozen=True)
class ExerciseBox:
    """An exercise, by its name."""

    name: str
    line: int


Block = Prose | Listing | Box | ExerciseBox


@dataclass(frozen=True)
class Link:
    """Something that the page names: "exercise", "page" or "file", and which; "anchor" is a place on the page."""

    kind: Literal["exercise", "page", "file", "anchor"]
    target: str
    line: int


@dataclass(frozen=True)
class Dates:
    """From when to when a page is worked on, as its first lines say. None: always."""

    opens: datetime | None = None
    closes: datetime | None = None
    is_hidden: bool = False

    def state(self, now: datetime) -> Literal["hidden", "early", "open", "over"]:
        if self.is_hidden:
            return "hidden"
        if self.opens and now < self.opens:
            return "early"
        return "over" if self.closes and now >= self.closes else "open"

    def is_readable(self, now: datetime) -> bool:
        """By students."""
        return self.state(now) in ("open", "over")


@dataclass(frozen=True)
class Page:
    """`name` is that of its file, without .md; it is also its address."""

    name: str
    title: str
    dates: Dates
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Box))

    @property
    def exercises(self) -> tuple[str, ...]:
        return tuple(block.name for block in self.blocks if isinstance(block, ExerciseBox))

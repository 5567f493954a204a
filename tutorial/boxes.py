"""Boxes as a page shows them: each with the text that its student has made of it. Called by views.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from files.content import open_file, read_beginning
from files.faults import FileFault
from files.homes import hold_home
from files.lookup import NotThere
from files.paths import from_text
from files.validators import etag_of
from tutorial.highlighting import python_html
from tutorial.page import Box

TEXT_MAX_BYTES: Final = 128 * 1024  # of a larger one the page says nothing until it is clicked
NOT_AS_WRITTEN: Final = ("\r", "\0", "\ufeff")  # a page does not keep these


@dataclass(frozen=True)
class Kept:
    """A student's own text. None where it is not one that a page can carry; then the box fetches it."""

    text: str | None
    etag: str


@dataclass(frozen=True)
class ShownBox:
    """`path` is where its text is kept, as the API of files has it; `html` is for inside of a <code>."""

    box: Box
    path: str
    kept: Kept | None

    @property
    def text(self) -> str:
        return self.box.text if self.kept is None else self.kept.text or ""

    @property
    def html(self) -> str:
        return python_html(self.text) if self.box.language == "python" else escape(self.text)

    @property
    def numbers(self) -> str:
        """Of its lines, as the editor counts them."""
        return "\n".join(map(str, range(1, self.text.count("\n") + 2)))

    @property
    def is_in_file(self) -> bool:
        """Under a name that its readers should know."""
        return self.box.kind in ("file", "web")

    @property
    def is_changed(self) -> bool:
        return self.kept is not None and self.kept.text != self.box.text

    @property
    def runs(self) -> bool:
        return self.box.kind in ("run", "repl") or (self.box.kind == "file" and self.box.file.endswith(".py"))


def path_of(box: Box, folder: str, page: str) -> str:
    """In the home of whoever works on it. `folder` is that of their course."""
    return folder + box.file if box.file.startswith("/") else f"{folder}/{page}/{box.file}"


def show_boxes(boxes: tuple[Box, ...], owner: str, folder: str, page: str) -> dict[str, ShownBox]:
    """By name."""
    paths = {box.name: path_of(box, folder, page) for box in boxes}
    kept = dict(read_kept(owner, folder, paths))
    return {box.name: ShownBox(box, paths[box.name], kept.get(box.name)) for box in boxes}


def read_kept(owner: str, folder: str, paths: dict[str, str]) -> Iterator[tuple[str, Kept]]:
    """Of those that there are."""
    try:
        with hold_home(owner) as home:
            for name, path in paths.items():
                kept = read_text(home, from_text(path))
                if kept:
                    yield name, kept
    except (NotThere, OSError):
        return


def read_text(home: int, parts: tuple[bytes, ...]) -> Kept | None:
    try:
        file = open_file(home, parts)
    except (NotThere, FileFault, OSError):
        return None
    try:
        etag = etag_of(os.fstat(file))
        content = read_beginning(file, TEXT_MAX_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > TEXT_MAX_BYTES:
        return Kept(None, etag)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Kept(None, etag)
    return Kept(None if any(mark in text for mark in NOT_AS_WRITTEN) else text, etag)

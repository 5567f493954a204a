"""What a file looks like without being opened: text, a table, a page, a notebook, a picture. For previews_api.py."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from files.content import open_file, read_beginning
from files.decoding import decode
from files.media_types import GUESS_BYTES, type_of
from files.notebooks import NotANotebook
from files.notebooks import render as render_notebook
from files.rendering import content_url, markdown, pictures_beside

Parts = tuple[bytes, ...]
TEXT_MAX_BYTES: Final = 256 * 1024
MARKDOWN_MAX_BYTES: Final = 64 * 1024
TABLE_MAX_BYTES: Final = 1024 * 1024
NOTEBOOK_MAX_BYTES: Final = 8 * 1024 * 1024
ROWS_MAX: Final = 1000
COLUMNS_MAX: Final = 100
CELL_MAX_CHARACTERS: Final = 1000
DELIMITERS: Final = ",;\t|"
LINES_LOOKED_AT: Final = 20
QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Preview:
    """`html` is clean; `text` and `rows` are text and nothing else; `url` is of this site."""

    kind: str
    html: str | None = None
    text: str | None = None
    rows: list[list[str]] | None = None
    url: str | None = None
    truncated: bool = False
    sentence: str | None = None


@dataclass(frozen=True)
class Subject:
    """A file of which the beginning has been read."""

    parts: Parts
    owner: str
    content: bytes
    size_bytes: int

    def cut(self, most_bytes: int) -> tuple[bytes, bool]:
        return self.content[:most_bytes], self.size_bytes > most_bytes


def preview(home: int, parts: Parts, owner: str) -> Preview:
    """Raises NotThere, IsFolder."""
    file = open_file(home, parts)
    try:
        beginning = os.pread(file, GUESS_BYTES, 0)
        media_type = type_of(parts[-1], beginning).decode().partition(";")[0]
        url = content_url(parts, owner)
        if media_type == "application/pdf" and beginning.startswith(b"%PDF-"):
            return Preview("pdf", url=url)
        kind = media_type.partition("/")[0]
        if kind in ("image", "audio", "video"):
            return Preview(kind, url=url)
        make, most_bytes = MAKERS.get(ending_of(parts[-1]), (text, TEXT_MAX_BYTES))
        return make(Subject(parts, owner, read_beginning(file, most_bytes), os.fstat(file).st_size))
    finally:
        os.close(file)


def ending_of(name: bytes) -> bytes:
    return name[name.rfind(b".") :].lower() if b"." in name[1:] else b""


def nothing() -> Preview:
    return Preview("none", sentence=_("This kind of file is not shown here. Download it to see what is in it."))


def text(subject: Subject) -> Preview:
    content, truncated = subject.cut(TEXT_MAX_BYTES)
    decoded = decode(content, cut=truncated)
    if decoded is None:
        return nothing()
    sentence = _("This file is empty.") if not subject.size_bytes else cut_sentence(truncated)
    return Preview("text", text=decoded, truncated=truncated, sentence=sentence)


def as_markdown(subject: Subject) -> Preview:
    content, truncated = subject.cut(MARKDOWN_MAX_BYTES)
    decoded = decode(content, cut=truncated)
    if decoded is None:
        return nothing()
    html = markdown(decoded, pictures_beside(subject.parts, subject.owner))
    return Preview("markdown", html=html, truncated=truncated, sentence=cut_sentence(truncated))


def as_notebook(subject: Subject) -> Preview:
    """One that cannot be read is shown as the text it is."""
    if subject.size_bytes > NOTEBOOK_MAX_BYTES:
        return Preview("none", sentence=_("This notebook is too large to be shown here. Download it to open it."))
    try:
        html, truncated = render_notebook(subject.content, pictures_beside(subject.parts, subject.owner))
    except NotANotebook:
        return text(subject)
    return Preview("notebook", html=html, truncated=truncated, sentence=cut_sentence(truncated))


def as_table(subject: Subject) -> Preview:
    """Cells are the text that is in the file; a formula is not computed, here or by anybody who is sent this."""
    content, truncated = subject.cut(TABLE_MAX_BYTES)
    decoded = decode(content, cut=truncated)
    if decoded is None:
        return nothing()
    lines = decoded.split("\n")
    if truncated:
        lines.pop()
    rows: list[list[str]] = []
    try:
        for row in csv.reader((f"{line}\n" for line in lines), delimiter=delimiter_of(lines)):
            if len(rows) == ROWS_MAX:
                truncated = True
                break
            truncated |= len(row) > COLUMNS_MAX or any(len(cell) > CELL_MAX_CHARACTERS for cell in row)
            if row:
                rows.append([cell[:CELL_MAX_CHARACTERS] for cell in row[:COLUMNS_MAX]])
    except csv.Error:
        return text(subject)
    return Preview("csv", rows=rows, truncated=truncated, sentence=cut_sentence(truncated))


def delimiter_of(lines: list[str]) -> str:
    """Whichever stands most often in the first lines, outside of quotation marks; the standard library's guess can take
    minutes."""
    text = QUOTED.sub("", "\n".join(lines[:LINES_LOOKED_AT]))
    counts = Counter(character for character in text if character in DELIMITERS)
    return counts.most_common(1)[0][0] if counts else ","


def cut_sentence(truncated: bool) -> str | None:
    return _("Only the beginning is shown. Download the file to see all of it.") if truncated else None


Maker = Callable[[Subject], Preview]
MAKERS: Final[dict[bytes, tuple[Maker, int]]] = {
    b".csv": (as_table, TABLE_MAX_BYTES),
    b".tsv": (as_table, TABLE_MAX_BYTES),
    b".md": (as_markdown, MARKDOWN_MAX_BYTES),
    b".markdown": (as_markdown, MARKDOWN_MAX_BYTES),
    b".ipynb": (as_notebook, NOTEBOOK_MAX_BYTES),
}

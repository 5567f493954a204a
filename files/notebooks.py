"""A Jupyter notebook (nbformat 4) as HTML to read: cells, and what they put out when they last ran. For previews.py.

It is a student's file: nothing in it is believed to be of the type that the format says. Whatever is text is escaped,
whatever is HTML goes through rendering.clean, and nothing runs.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from django.utils.translation import gettext as _

from files.decoding import without_escapes
from files.rendering import ImageUrl, clean, markdown

CELLS_MAX: Final = 500
OUTPUTS_MAX: Final = 100  # of one cell
TEXT_MAX_CHARACTERS: Final = 64 * 1024  # of one cell or output
MARKDOWN_MAX_CHARACTERS: Final = 64 * 1024  # of all cells together
HTML_MAX_CHARACTERS: Final = 8 * 1024 * 1024
STRUCTURE_MAX: Final = 500_000  # brackets and commas: a small file may be a very large object
PICTURES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


class NotANotebook(Exception):
    """Or none that we can read."""


class Full(Exception):
    """There is more than is shown."""


def render(content: bytes, image_url: ImageUrl) -> tuple[str, bool]:
    """The HTML, and whether there was more. Raises NotANotebook."""
    notebook = parse(content)
    reader = Reader(image_url)
    html: list[str] = []
    length = 0
    truncated = len(notebook["cells"]) > CELLS_MAX
    for cell in notebook["cells"][:CELLS_MAX]:
        try:
            for piece in reader.cell(cell if isinstance(cell, dict) else {}):
                length += len(piece)
                if length > HTML_MAX_CHARACTERS:
                    raise Full
                html.append(piece)
        except Full:
            truncated = True
            html.append("</section>")
            break
    return "".join(html), truncated or reader.truncated


def parse(content: bytes) -> dict[str, Any]:
    if sum(map(content.count, (b"[", b"{", b","))) > STRUCTURE_MAX:
        raise NotANotebook
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotANotebook from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotANotebook
    return notebook


class Reader:
    """Each piece that it yields is balanced HTML, but for the section around a cell."""

    def __init__(self, image_url: ImageUrl) -> None:
        self.image_url = image_url
        self.markdown_left = MARKDOWN_MAX_CHARACTERS
        self.truncated = False

    def cell(self, cell: dict[str, Any]) -> Iterator[str]:
        source = self.text(cell.get("source"))
        kind = cell.get("cell_type")
        if kind == "markdown":
            yield f'<section class="cell markdown">{self.markdown(source)}'
        elif kind == "code":
            count = cell.get("execution_count")
            label = f'<span class="count">[{count}]</span>' if type(count) is int else ""
            yield f'<section class="cell code">{label}<pre class="source"><code>{escape(source)}</code></pre>'
            yield from self.outputs(cell.get("outputs"))
        else:
            yield f'<section class="cell raw"><pre>{escape(source)}</pre>'
        yield "</section>"

    def markdown(self, source: str) -> str:
        """As it was typed where there has been too much already: rendering takes time."""
        if len(source) > self.markdown_left:
            self.truncated = True
            return f"<pre>{escape(source)}</pre>"
        self.markdown_left -= len(source)
        return markdown(source, self.image_url)

    def outputs(self, outputs: object) -> Iterator[str]:
        if not isinstance(outputs, list):
            return
        self.truncated |= len(outputs) > OUTPUTS_MAX
        for output in outputs[:OUTPUTS_MAX]:
            if isinstance(output, dict):
                yield f'<div class="output">{self.output(output)}</div>'

    def output(self, output: dict[str, Any]) -> str:
        match output.get("output_type"):
            case "stream":
                return self.pre(output.get("text"), "error" if output.get("name") == "stderr" else "text")
            case "error":
                return self.pre(output.get("traceback"), "error", between="\n")
            case "display_data" | "execute_result":
                data = output.get("data")
                return self.display(data if isinstance(data, dict) else {})
        return ""

    def display(self, data: dict[str, Any]) -> str:
        """The richest form that can be shown."""
        for media_type, beginning in PICTURES.items():
            if picture := picture_of(data.get(media_type), beginning):
                return f'<img alt="{escape(_("Output"))}" src="data:{media_type};base64,{picture}">'
        if "text/html" in data:
            return clean(self.text(data["text/html"]))
        if "text/markdown" in data:
            return self.markdown(self.text(data["text/markdown"]))
        return self.pre(data.get("text/plain"), "text")

    def pre(self, value: object, kind: str, between: str = "") -> str:
        return f'<pre class="{kind}">{escape(without_escapes(self.text(value, between)))}</pre>'

    def text(self, value: object, between: str = "") -> str:
        """A string, or a list of them, as the format has both."""
        if isinstance(value, list):
            value = between.join(line for line in value if isinstance(line, str))
        text = value if isinstance(value, str) else ""
        self.truncated |= len(text) > TEXT_MAX_CHARACTERS
        return text[:TEXT_MAX_CHARACTERS].encode("utf-8", "replace").decode()  # JSON has halves of characters


def picture_of(value: object, beginning: bytes) -> str:
    """In base64, or nothing where it is not that kind of picture."""
    text = "".join(filter(None, value)) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
    if not isinstance(text, str):
        return ""
    try:
        picture = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return ""
    return base64.b64encode(picture).decode("ascii") if picture.startswith(beginning) else ""

"""Python in the colours of the editor, as HTML that needs no script. Called by prose.py and boxes.py.

It need not be right about all Python there is: when somebody clicks a box, CodeMirror takes over.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from html import escape
from typing import Final

PYTHON: Final = ("python", "py", "python3")  # how a listing says that it is
HIGHLIGHTED_MAX_CHARACTERS: Final = 64 * 1024
CONSTANTS: Final = {"True", "False", "None"}
CLASSES: Final = ("keyword", "string", "number", "comment", "name", "escape")
PREFIX: Final = r"(?:[rbfuRBFU]{1,2})?"
LONG: Final = r"{mark}(?:\\.|[^\\])*?(?:{mark}|\Z)"
SHORT: Final = r"{mark}(?:\\.|[^{mark}\\\n])*{mark}?"
STRINGS: Final = (LONG.format(mark="'''"), LONG.format(mark='"""'), SHORT.format(mark="'"), SHORT.format(mark='"'))
STRING: Final = f"{PREFIX}(?:{'|'.join(STRINGS)})"
TOKEN: Final = re.compile(
    rf"(?P<comment>\#[^\n]*)"
    rf"|(?P<string>{STRING})"
    r"|(?P<decorator>(?<![\w)\].])@[\w.]+)"
    r"|(?P<number>\b(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?j?)\b)"
    r"|(?:\b(?P<defining>def|class)\b(?P<space>[ \t]+)(?P<defined>\w+))"
    r"|(?P<word>\b[^\W\d]\w*\b)",
    re.DOTALL,
)


@lru_cache(maxsize=1024)
def python_html(text: str) -> str:
    """Inside of a <code>."""
    if len(text) > HIGHLIGHTED_MAX_CHARACTERS:
        return escape(text)
    pieces: list[str] = []
    end = 0
    for found in TOKEN.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(coloured(found))
        end = found.end()
    pieces.append(escape(text[end:]))
    return "".join(pieces)


def coloured(found: re.Match[str]) -> str:
    text = found[0]
    if found["defining"]:
        return span("keyword", found["defining"]) + found["space"] + span("name", found["defined"])
    if found["word"]:
        if text in CONSTANTS:
            return span("number", text)
        return span("keyword", text) if keyword.iskeyword(text) else escape(text)
    kind = "comment" if found["decorator"] else str(found.lastgroup)
    return span(kind, text)


def span(kind: str, text: str) -> str:
    return f'<span class="code-{kind}">{escape(text)}</span>'

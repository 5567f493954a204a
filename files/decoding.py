"""Text out of bytes whose encoding nobody wrote down. Pure; for previews.py and notebooks.py."""

from __future__ import annotations

import codecs
import re
from typing import Final

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHARACTER_MAX_BYTES: Final = 4
CONTROLS: Final = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")  # none of which is in a text of that encoding
ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def decode(content: bytes, *, cut: bool = False) -> str | None:
    """By its mark, else as UTF-8, else as windows-1252; None for what is no text. `cut`: there was more of it."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if cut and error.start > len(content) - CHARACTER_MAX_BYTES and error.end == len(content):
            return content[: error.start].decode("utf-8")  # only its last character is cut in two
    return None if CONTROLS.search(content) else content.decode("windows-1252", "replace")


def without_escapes(text: str) -> str:
    """Without the control sequences of terminals (ECMA-48), which tracebacks in notebooks are coloured with."""
    return ESCAPES.sub("", text)

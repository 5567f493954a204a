"""What becomes of tutorials when their course is given again in another term. Told by courses/copying.py."""

from __future__ import annotations

from typing import Any

from tutorial.front_matter import without_dates
from tutorial.shelf import ENDING, page_names


def leave_dates_out(files: dict[str, bytes], **_about: Any) -> None:
    """Else all of it would be over on the first day. What is no text is let alone."""
    for name in page_names(files):
        file = name + ENDING
        text = files[file].decode("utf-8-sig", "surrogateescape")
        files[file] = without_dates(text).encode("utf-8", "surrogateescape")

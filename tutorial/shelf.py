"""The pages of a course, read once for each edition. Called by views and listings. Not for the event loop."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from courses.models import Edition
from tutorial.page import Fault, Page
from tutorial.reading import read_page
from tutorial.references import EXERCISES, Addresses
from tutorial.sources import EditionFiles

ENDING: Final = ".md"
PAGES_KEPT: Final = 512
_pages: OrderedDict[tuple[int, str, str], Page] = OrderedDict()
_lock = threading.Lock()


def page_names(files: Mapping[str, bytes]) -> list[str]:
    """In the order of the file names."""
    return [name.removesuffix(ENDING) for name in files if name.endswith(ENDING) and "/" not in name]


def exercise_names(files: Mapping[str, bytes]) -> list[str]:
    before = f"{EXERCISES}/"
    return [
        name.removeprefix(before).removesuffix(ENDING)
        for name in files
        if name.startswith(before) and name.endswith(ENDING) and name.count("/") == 1
    ]


def read(files: Mapping[str, bytes], name: str, addresses: Addresses) -> tuple[Page, tuple[Fault, ...]]:
    """Raises KeyError."""
    return read_page(name, files[name + ENDING].decode("utf-8-sig", "replace"), addresses)


def published_page(edition: Edition, slug: str, name: str) -> Page | None:
    """Editions never change, so a page is read once."""
    key = edition.pk, slug, name
    with _lock:
        known = _pages.get(key)
        if known:
            _pages.move_to_end(key)
            return known
    try:
        page, _faults = read(EditionFiles(edition), name, Addresses(slug))
    except KeyError:
        return None
    with _lock:
        _pages[key] = page
        while len(_pages) > PAGES_KEPT:
            _pages.popitem(last=False)
    return page


def title_of_exercise(files: Mapping[str, bytes], name: str) -> str:
    """The first heading of its text; its name, where that cannot be told."""
    text = files.get(f"{EXERCISES}/{name}{ENDING}", b"").decode("utf-8-sig", "replace")
    headings = (line.removeprefix("# ").strip() for line in text.splitlines() if line.startswith("# "))
    return next((heading for heading in headings if heading), name)

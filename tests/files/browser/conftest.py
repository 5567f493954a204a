"""The same site and Chromium as for consoles, with the list of files in the window and an empty home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser import conftest as consoles
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium


@pytest.fixture
def browser_of(site: Site, chromium: Chromium, cookie_of: Callable[[str], str]) -> Iterator[Callable[[str], FilesPage]]:
    """browser_of("student"): another browser, in which that person is logged in."""
    with ExitStack() as stack:

        def open_browser(person: str) -> FilesPage:
            return stack.enter_context(closing(FilesPage(chromium, site, cookie_of(person))))

        yield open_browser


@pytest.fixture
def home(site: Site) -> Folder:
    """The student's, with nothing in it, and nothing in the trash."""
    folder = Folder(Path(site.data) / "homes" / "student")
    folder.clear()
    Folder(Path(site.data) / "trash" / "student").clear()
    return folder


@pytest.fixture
def page(browser_of: Callable[[str], FilesPage], home: Folder) -> Iterator[FilesPage]:
    """The student's browser. Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    page = browser_of("student")
    yield page
    page.evaluate("")  # whatever it has to tell has arrived after that
    assert page.faults == []
    consoles.end_consoles(page)

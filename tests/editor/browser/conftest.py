"""The same site and Chromium as for consoles, with the editor in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser import conftest as consoles
from tests.editor.browser.page import EditorPage

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium


@pytest.fixture
def home(site: Site) -> Path:
    return site.data / "homes" / "student"


@pytest.fixture
def page(site: Site, chromium: Chromium, cookie_of: Callable[[str], str]) -> Iterator[EditorPage]:
    """The student's browser. Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    with closing(EditorPage(chromium, site, cookie_of("student"))) as page:
        yield page
        page.evaluate("")  # whatever it has to tell has arrived after that
        assert page.faults == []
        consoles.end_consoles(page)


@pytest.fixture
def second(page: EditorPage) -> Iterator[EditorPage]:
    """Another tab of the same browser."""
    with closing(page.another()) as second:
        yield second
        if not second.crashed:
            second.evaluate("")
        assert second.faults == []


@pytest.fixture
def browser_of_administrator(site: Site, chromium: Chromium, cookie_of: Callable[[str], str]) -> Iterator[EditorPage]:
    with closing(EditorPage(chromium, site, cookie_of("admin"))) as page:
        yield page
        page.evaluate("")
        assert page.faults == []

"""The same site and Chromium as for consoles: a lecturer and a student of it, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser import conftest as consoles
from tests.ten_minutes.page import CoursePage

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium


@pytest.fixture
def browser_of(
    site: Site, chromium: Chromium, cookie_of: Callable[[str], str]
) -> Iterator[Callable[[str], CoursePage]]:
    """browser_of("student"). Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    with ExitStack() as stack:
        pages: list[CoursePage] = []

        def open_browser(person: str) -> CoursePage:
            pages.append(stack.enter_context(closing(CoursePage(chromium, site, cookie_of(person)))))
            return pages[-1]

        yield open_browser
        for page in pages:
            page.evaluate("")  # whatever it has to tell has arrived after that
            assert page.faults == []
            consoles.end_consoles(page)

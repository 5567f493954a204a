"""One whole site for the browser tests of consoles, and a browser for each person in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.cgirunner.whole_site import Site
from tests.console.browser.page import PROGRAM, Page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()


@pytest.fixture
def browser_of(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    """browser_of("student"): another browser, in which that person is logged in."""
    with ExitStack() as stack:

        def open_browser(person: str) -> Page:
            return stack.enter_context(closing(Page(site, tmp_path_factory.mktemp("profile"), person)))

        yield open_browser


@pytest.fixture
def page(browser_of: Callable[[str], Page]) -> Iterator[Page]:
    """The student's browser. Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    page = browser_of("student")
    yield page
    assert page.faults == []
    # At most eight consoles a person: what a test has started it ends.
    page.visit("/console/")
    while page.evaluate("document.querySelectorAll('.consoles .act button').length"):
        page.evaluate("faults.ended = true; document.querySelector('.consoles .act button').click()")
        page.until("!globalThis.faults?.ended && document.readyState == 'complete'")

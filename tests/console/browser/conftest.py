"""One whole site for the browser tests of consoles, and one Chromium with a window for each person in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from urllib.parse import urlencode

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import PROGRAM, Page


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    site = Site(tmp_path_factory.mktemp("site") / "data")
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()


@pytest.fixture(scope="package")
def cookie_of(site: Site) -> Callable[[str], str]:
    """cookie_of("student"): of the one session in which that person is logged in."""
    return cache(site.log_in)


@pytest.fixture(scope="package")
def chromium(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with closing(Chromium(str(PROGRAM), tmp_path_factory.mktemp("profile"))) as chromium:
        yield chromium


@pytest.fixture
def browser_of(site: Site, chromium: Chromium, cookie_of: Callable[[str], str]) -> Iterator[Callable[[str], Page]]:
    """browser_of("student"): another browser, in which that person is logged in."""
    with ExitStack() as stack:

        def open_browser(person: str) -> Page:
            return stack.enter_context(closing(Page(chromium, site, cookie_of(person))))

        yield open_browser


@pytest.fixture
def page(browser_of: Callable[[str], Page]) -> Iterator[Page]:
    """The student's browser. Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    page = browser_of("student")
    yield page
    page.evaluate("")  # whatever it has to tell has arrived after that
    assert page.faults == []
    end_consoles(page)


def end_consoles(page: Page) -> None:
    """All of this person's, since there may be eight at most; by the forms of the list, without a browser."""
    _, content = page.site.ask("/console/", cookie=page.cookie)
    listed = content.decode()
    headers = {
        "cookie": f"{page.cookie}; {page.site.cookie()}",
        "origin": page.address,
        "content-type": "application/x-www-form-urlencoded",
    }
    for action, token in re.findall(r'action="(/console/[^"]+/end)">.*?value="([^"]+)"', listed):
        body = urlencode({"csrfmiddlewaretoken": token}).encode()
        assert page.site.ask(action, "POST", body, **headers)[0] == 303

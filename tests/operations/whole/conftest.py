"""One whole site whose alarms and log somebody reads."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser import conftest as consoles
from tests.console.browser.page import PROGRAM, Page

WRITE = "import sys; open(sys.argv[1], 'a').write(sys.stdin.readline())"
cookie_of = consoles.cookie_of


@pytest.fixture(scope="package")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where those who are told of alarms write it down."""
    return tmp_path_factory.mktemp("letters") / "letters"


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, letters: Path) -> Iterator[Site]:
    site = Site(
        tmp_path_factory.mktemp("site") / "data",
        IVLE_LOG_FORMAT="json",
        IVLE_LOG_LEVEL="INFO",
        IVLE_ALARM_AFTER_SECONDS="1",
        IVLE_ALARM_COMMAND=shlex.join([sys.executable, "-c", WRITE, str(letters)]),
    )
    if "cannot do its work" in site.said:
        site.close()
        pytest.skip(f"this machine has no sandbox: {site.said}")
    yield site
    site.close()


@pytest.fixture(scope="package")
def chromium(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    with closing(Chromium(str(PROGRAM), tmp_path_factory.mktemp("profile"))) as chromium:
        yield chromium


@pytest.fixture
def page_of(site: Site, chromium: Chromium, cookie_of: Callable[[str], str]) -> Iterator[Callable[[str], Page]]:
    """page_of("admin"): their browser. Nothing may be thrown in it, or forbidden."""
    with ExitStack() as stack:
        opened: list[Page] = []

        def open_page(person: str) -> Page:
            opened.append(stack.enter_context(closing(Page(chromium, site, cookie_of(person)))))
            return opened[-1]

        yield open_page
        for page in opened:
            page.evaluate("")
            assert page.faults == []

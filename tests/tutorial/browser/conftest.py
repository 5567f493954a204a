"""The same site and Chromium as for consoles, with the demo's course published in it, by the command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.console.browser import conftest as consoles
from tests.tutorial.browser.page import TutorialPage

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium
COURSE = Path(__file__).parent / "course"


@pytest.fixture(scope="package")
def course(site: Site) -> str:
    """Its address. What browser/course/ has is published in it."""
    command = [sys.executable, "manage.py", "publish_course", "python", str(COURSE), "--by", "lecturer"]
    done = subprocess.run(command, cwd=CHECKOUT, env=site.environ, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    return "/courses/python/"


@pytest.fixture
def browser_of(
    site: Site, course: str, chromium: Chromium, cookie_of: Callable[[str], str]
) -> Iterator[Callable[[str], TutorialPage]]:
    with ExitStack() as stack:

        def open_browser(person: str) -> TutorialPage:
            return stack.enter_context(closing(TutorialPage(chromium, site, cookie_of(person))))

        yield open_browser


@pytest.fixture
def page(browser_of: Callable[[str], TutorialPage]) -> Iterator[TutorialPage]:
    """The student's browser. Nothing that the strict policy forbids may happen in it, and nothing may be thrown."""
    page = browser_of("student")
    yield page
    page.evaluate("")  # whatever it has to tell has arrived after that
    assert page.faults == []
    consoles.end_consoles(page)

"""Somebody's windows on pages of other sites: one that may embed shells, and one that may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import PROGRAM
from tests.shells.browser.visitor import Visitor
from tests.shells.neighbour import Neighbour


@pytest.fixture(scope="package")
def foe() -> Iterator[Neighbour]:
    """A site that may not embed."""
    with closing(Neighbour()) as foe:
        yield foe


@pytest.fixture(scope="package")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    with closing(Chromium(str(PROGRAM), tmp_path_factory.mktemp("profile"))) as chromium:
        yield chromium


@pytest.fixture
def visit(site: Site, chromium: Chromium) -> Iterator[Callable[[str], Visitor]]:
    """visit(address): a browser of its own, in which nobody is logged in, on that page."""
    with ExitStack() as stack:

        def open_browser(address: str) -> Visitor:
            visitor = stack.enter_context(closing(Visitor(chromium, site)))
            visitor.open(address)
            visitor.until("document.readyState == 'complete'")
            return visitor

        yield open_browser


@pytest.fixture
def learner(visit: Callable[[str], Visitor], friend: Neighbour, site: Site) -> Iterator[Visitor]:
    """On the example page of the documentation, at the site that may embed. Its strict policy forbids nothing there."""
    friend.show_example(f"http://localhost:{site.port}")
    visitor = visit(friend.origin)
    yield visitor
    visitor.evaluate("")  # whatever it has to tell has arrived after that
    assert visitor.faults == []

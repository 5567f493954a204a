"""A machine that is short of memory: who wants a console is told their place in the queue, and need not ask again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import CONSOLE, Page


@pytest.fixture
def short_of_memory(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "data", IVLE_MEMORY_RESERVE_MB=str(1 << 24))  # 16 TiB
    yield site
    site.close()


def test_the_place_is_shown_while_the_page_asks_again(short_of_memory: Site, chromium: Chromium) -> None:
    with closing(Page(chromium, short_of_memory, short_of_memory.log_in("student"))) as page:
        page.visit("/console/")
        page.press_button("button[value=python]")
        page.until(CONSOLE)
        page.evaluate("window.asked = 0; addEventListener('console-queued', () => { asked += 1; })")
        page.strip_says("short of memory.*It starts by itself")
        page.until("asked >= 2")
        page.strip_says("short of memory.*It starts by itself")
        page.check_axe()
        assert page.faults == []

"""A console whose CPU runs out: what is shown before, then, later, and after the restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import CONSOLE, Page

LIMIT_SECONDS = 3
USE_TWO_THIRDS = "import time\nwhile time.process_time() < 2: pass\n\n"
METER = "document.querySelector('.console-usage meter')"
NOTICE = "document.querySelector('.console-notice')"
COLOUR = f"getComputedStyle({METER}.parentElement).color"


@pytest.fixture
def page(site: Site, chromium: Chromium, tmp_path: Path) -> Iterator[Page]:
    """The student's browser, at a site where a console has little CPU. `site` has said that there is a sandbox."""
    with closing(Site(tmp_path / "data", IVLE_CONSOLE_CPU_SECONDS=str(LIMIT_SECONDS))) as small:
        page = Page(chromium, small, small.log_in("student"))
        with closing(page):
            yield page
            page.evaluate("")
            assert page.faults == []


def test_the_cpu_runs_out(page: Page) -> None:
    page.start()
    page.sees(r"^>>> ?$")
    page.strip_says(r"CPU left: [23]\.\d s")
    calm = page.evaluate(COLOUR)
    assert page.evaluate(f"{METER}.value > {METER}.low")

    page.type(USE_TWO_THIRDS)
    page.strip_says(r"⚠ (0|1)\.\d s of CPU left")
    page.until(f"{NOTICE}.checkVisibility() && /^Only [01]\\.\\d s of CPU left/.test({NOTICE}.innerText)")
    assert page.evaluate(f"0 < {METER}.value && {METER}.value < {METER}.low")
    assert page.evaluate(COLOUR) != calm
    page.sees(r"^>>> ?$")

    page.type("while True: pass\n\n")
    page.until("document.querySelector('.console-ended').checkVisibility()")
    said = page.evaluate("document.querySelector('.console-ended').innerText")
    assert f"used its {LIMIT_SECONDS} seconds of CPU time and was stopped" in said
    assert page.evaluate("document.querySelector('.console-live').textContent") in said
    page.strip_says("Ended")
    page.strip_says("⚠ No CPU left")
    assert page.evaluate(f"!{NOTICE}.checkVisibility()"), "what was to come has come"
    page.check_axe()

    path = page.path
    page.visit("/console/")
    assert "Ended" in page.evaluate("document.querySelector('.consoles').innerText")
    page.open(page.address + path)
    page.until("document.querySelector('.console-ended')?.innerText.includes('of CPU time and was stopped')")
    page.until("document.activeElement.classList.contains('xterm-helper-textarea')")
    assert page.evaluate(f"!{NOTICE}.checkVisibility()")

    page.press("Enter")
    page.sees(r"- restarted -\n(.*\n)*>>> ?$")
    page.until("!document.querySelector('.console-ended').checkVisibility()")
    page.strip_says(r"CPU left: [23]\.\d s")
    assert page.evaluate(COLOUR) == calm
    page.type("6 * 7\n")
    page.sees(r"^42$")
    assert page.evaluate(f"{CONSOLE}.outcome") is None

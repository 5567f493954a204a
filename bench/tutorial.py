"""A tutorial of twenty boxes, as a student has it: its page, and one box from the click to its first output."""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from bench import ours, targets, workspace_page
from bench.findings import Figure, Section, Target
from bench.load import LOOPBACK
from bench.marks import inside
from bench.ours import Site
from bench.server import NotStarted
from bench.settings import Settings
from bench.spread import spread
from bench.table import number
from tests.cgirunner.chromium import Tab

BOXES: Final = 20
PAGE: Final = "many"
MILLISECONDS: Final = 1e3
MAX_SECONDS: Final = 30.0
BOX: Final = "document.querySelector('ivle-box')"
TEXT: Final = "# Many\n" + "".join(
    f"\n## Part {one}\n\nSome *words* about `print`.\n\n"
    f"```python run\nfor number in range(3):\n    print(number, {one})\n```\n"
    for one in range(BOXES)
)
MAKE: Final = f"""
import sys
import django; django.setup()
from accounts.models import Person
from courses import editions
from courses.models import Course
course = Course.objects.get()
editions.add(course, {{"{PAGE}.md": sys.stdin.buffer.read()}}, Person.objects.get(username="lecturer"))
print(course.slug)
"""


class Wrong(Exception):
    """The site's answer is not the one that is measured; the message says what it was."""


def measure(settings: Settings) -> Section:
    section = Section("tutorial", f"A tutorial of {BOXES} boxes", ("", "p50 ms", "p99 ms", "times"))
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            site = stack.enter_context(ours.started(folder / "site", settings.runtime))
            path = f"/courses/{inside(site, MAKE, TEXT).strip()}/{PAGE}/"
            pages(site, path, 1)  # reads and renders the edition
            add(section, "the page, from the server", pages(site, path, settings.saves), targets.TUTORIAL_MS)
            tab = stack.enter_context(workspace_page.student(site, folder / "profile"))
            add(section, "Run in a box, to the first output", runs(tab, site, path, settings.page_runs), targets.BOX_MS)
    except (NotStarted, Wrong, OSError, subprocess.SubprocessError, AssertionError) as error:
        section.complete = False
        section.notes.append(f"ours: {str(error)[:300]}")
    return section


def pages(site: Site, path: str, count: int) -> list[float]:
    """Seconds for the whole answer, on a connection that stays. Raises Wrong."""
    headers = {"Host": f"localhost:{site.port}", "Cookie": ours.log_in(site.port)}
    times = []
    with contextlib.closing(http.client.HTTPConnection(LOOPBACK, site.port, timeout=MAX_SECONDS)) as connection:
        for _ in range(count):
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            times.append(time.perf_counter() - begun)
            if response.status != 200 or answer.count(b"<ivle-box ") != BOXES:
                raise Wrong(f"{path}: status {response.status}, {answer.count(b'<ivle-box ')} boxes")
    return times


def runs(tab: Tab, site: Site, path: str, count: int) -> list[float]:
    """Seconds from the click on Run of one box to the first output in the page, its modules being there."""
    tab.open(f"http://localhost:{site.port}{path}")
    tab.until(f"Boolean({BOX}?.parts)")
    times = []
    for number_of_run in range(count + 1):
        time.sleep(workspace_page.SETTLING_SECONDS)
        tab.evaluate(f"Object.assign(bench, {{pressed: performance.now(), taken: 0}}); {BOX}.parts.run.click()")
        taken = tab.until("bench.taken")
        tab.until(f"{BOX}.dataset.state === 'ended'")
        if number_of_run:
            times.append(taken / MILLISECONDS)
    return times


def add(section: Section, name: str, seconds: list[float], p50: Target) -> None:
    seen = spread([MILLISECONDS * value for value in seconds])
    section.rows.append((name, number(seen.p50), number(seen.p99), str(seen.count)))
    section.figures += [Figure(f"{name}: p50", seen.p50, "ms", p50), Figure(f"{name}: p99", seen.p99, "ms")]

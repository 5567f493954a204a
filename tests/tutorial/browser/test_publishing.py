"""A lecturer writes, previews, sees what is wrong, and publishes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivle.demo import DEMO_FOLDER
from tests.console.browser import conftest as consoles
from tests.tutorial.browser.page import TutorialPage


@pytest.fixture
def lecturer(browser_of: Callable[[str], TutorialPage]) -> Iterator[TutorialPage]:
    page = browser_of("lecturer")
    yield page
    page.evaluate("")
    assert page.faults == []
    consoles.end_consoles(page)


def empty_folder(page: TutorialPage) -> None:
    """Of the lecturer, for the course; what the demo has put there is laid aside."""
    home = page.site.data / "homes" / "lecturer"
    (home / DEMO_FOLDER).rename(home / "laid-aside")
    (home / DEMO_FOLDER).mkdir()
    os.chown(home / DEMO_FOLDER, home.stat().st_uid, home.stat().st_gid)


def write(page: TutorialPage, name: str, text: str) -> None:
    page.site.write("lecturer", f"{DEMO_FOLDER}/{name}", text)


def reads(page: TutorialPage, words: str) -> None:
    page.until(f"document.querySelector('main').innerText.includes({words!r})")


def test_from_own_files_to_students(
    lecturer: TutorialPage, browser_of: Callable[[str], TutorialPage], tmp_path: Path
) -> None:
    empty_folder(lecturer)
    write(lecturer, "01-first.md", "# First steps\n\n```python run name=a\nprint(1)\n```\n\n```output\n2\n```\n")
    lecturer.visit("/courses/python/preview/01-first/")
    lecturer.until("Boolean(customElements.get('ivle-box'))")
    lecturer.push("a")
    lecturer.prints("a", "^1$")
    assert (lecturer.site.data / "homes" / "lecturer" / "python-tried" / "01-first" / "a.py").exists()
    lecturer.visit("/courses/python/publish/")
    lecturer.press_button("ivle-publishing .primary")
    reads(lecturer, "01-first.md line 3: This prints something else")
    lecturer.check_axe()
    write(lecturer, "01-first.md", "# First steps\n\n```python run name=a\nprint(2)\n```\n\n```output\n2\n```\n")
    lecturer.press_button("ivle-publishing .primary")
    reads(lecturer, "is what students see now")
    lecturer.check_axe()
    student = browser_of("student")
    student.visit("/courses/python/")
    reads(student, "First steps")
    lecturer.visit("/courses/python/publish/")
    lecturer.choose("Unpublish", ".editions")
    reads(lecturer, "Students see nothing of this course any more")
    student.visit("/courses/python/")
    reads(student, "Nothing is published yet")
    lecturer.evaluate("document.querySelectorAll('.editions button')[1].click()")  # the one before
    lecturer.until("/Students see edition \\d+ now/.test(document.querySelector('main').innerText)")
    student.visit("/courses/python/01-boxes/")
    assert student.evaluate("document.querySelector('h1').textContent") == "Boxes"

"""A lecturer writes, previews, sees what is wrong, and publishes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console.browser import conftest as consoles
from tests.tutorial.browser.page import TutorialPage


@pytest.fixture
def lecturer(browser_of: Callable[[str], TutorialPage]) -> Iterator[TutorialPage]:
    page = browser_of("lecturer")
    yield page
    page.evaluate("")
    assert page.faults == []
    consoles.end_consoles(page)


def write(page: TutorialPage, name: str, text: str) -> None:
    home = page.site.data / "homes" / "lecturer"
    path = home / "python" / name
    for folder in (home / "python", path.parent):
        folder.mkdir(exist_ok=True)
        os.chown(folder, home.stat().st_uid, home.stat().st_gid)
    page.site.write("lecturer", f"python/{name}", text)


def reads(page: TutorialPage, words: str) -> None:
    page.until(f"document.querySelector('main').innerText.includes({words!r})")


def test_from_own_files_to_students(
    lecturer: TutorialPage, browser_of: Callable[[str], TutorialPage], tmp_path: Path
) -> None:
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
    lecturer.evaluate("[...document.querySelectorAll('.editions button')].at(-1).click()")
    reads(lecturer, "Students see edition 1 now")
    student.visit("/courses/python/01-boxes/")
    assert student.evaluate("document.querySelector('h1').textContent") == "Boxes"

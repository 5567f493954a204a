"""The same site and Chromium as for consoles, with exercises in the course of the demo class."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.console.browser import conftest as consoles
from tests.console.browser.page import Page

site = consoles.site
cookie_of = consoles.cookie_of
chromium = consoles.chromium

GREETING = """---
attempts: 9
---

# Greeting

Write a program that asks for a name and greets.

## Code

```python
name = input()
```

## Solution

```python
name = input()
print(f"Hello, {name}!")
```

## Hint after 2 tries

Mind the *exclamation mark*.

## Test: It greets Sam

```input
Sam
```
```output
Hello, Sam!
```

## Test: It greets anybody

- hidden
- points: 2

```input
Zoë
```
```output
Hello, Zoë!
```
"""
PUBLISH = """
import sys
import django; django.setup()
from accounts.models import Person
from courses import editions
from courses.models import Course
files = {"exercises/greeting.md": sys.stdin.buffer.read()}
editions.add(Course.objects.get(), files, Person.objects.get(username="lecturer"))
"""
FORGET = """
import django; django.setup()
from marks.models import Attempt, Mark, MarkChange
for model in (MarkChange, Mark, Attempt):
    model.objects.all().delete()
"""


def inside(site: Site, code: str, text: str = "") -> None:
    environ = {**site.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=environ, input=text.encode(), check=True, timeout=60)


@pytest.fixture(scope="package")
def published(site: Site) -> str:
    """The address of the exercise."""
    inside(site, PUBLISH, GREETING)
    return "/courses/python/exercises/greeting/"


class ExercisePage(Page):
    """A student at an exercise."""

    def go(self, address: str) -> None:
        self.visit(address)
        self.until("document.querySelector('ivle-exercise .cm-content')")

    def write(self, text: str) -> None:
        """In place of what is in the editor."""
        self.until("document.querySelector('ivle-exercise')?.work?.codes?.size")
        self.evaluate(
            "(code => code.replace(" + repr(text).replace("\\\\", "\\") + ", {}, true))"
            "([...document.querySelector('ivle-exercise').work.codes.values()][0])"
        )

    def push(self, label: str) -> None:
        self.choose(label, "ivle-exercise")

    def says(self, pattern: str) -> None:
        """Waits for it in the line that is read aloud."""
        self.until(f"/{pattern}/.test(document.querySelector('.exercise-status')?.textContent)")

    def reads(self, pattern: str, selector: str = "ivle-exercise") -> None:
        self.until(f"/{pattern}/.test(document.querySelector('{selector}')?.innerText)")


@pytest.fixture
def page_of(
    site: Site, chromium: Chromium, cookie_of: Callable[[str], str], published: str
) -> Iterator[Callable[[str], ExercisePage]]:
    """page_of("student"): their browser. Nothing may be thrown in it, or forbidden."""
    with ExitStack() as stack:
        opened: list[ExercisePage] = []

        def open_page(person: str) -> ExercisePage:
            opened.append(stack.enter_context(closing(ExercisePage(chromium, site, cookie_of(person)))))
            return opened[-1]

        yield open_page
        for page in opened:
            page.evaluate("")
            assert page.faults == []
            consoles.end_consoles(page)


@pytest.fixture
def nobody_has_tried(site: Site, published: str) -> None:
    inside(site, FORGET)

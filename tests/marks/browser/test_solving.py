"""A student who solves an exercise, wrongly first, and a lecturer who sees it."""

from __future__ import annotations

import psutil
import pytest

from tests.cgirunner.whole_site import Site
from tests.marks.browser.conftest import ExercisePage

pytestmark = pytest.mark.usefixtures("nobody_has_tried")


def end_marker(site: Site) -> None:
    children = psutil.Process(site.process.pid).children()
    [marker] = [child for child in children if "marker" in child.cmdline()]
    marker.kill()


def test_run_check_hint_submit(page_of, published: str) -> None:
    page: ExercisePage = page_of("student")
    page.go(published)
    page.write("name = input()\nprint('Hi', name)\n")
    page.push("Run")
    page.ready()
    page.type("Sam\n")
    page.sees("Hi Sam")

    page.push("Check")
    page.says("0 of 1 tests pass. 1 hidden test runs when you submit.")
    page.reads(r"−\s*Hello, Sam!", ".exercise-diff")
    page.reads(r"\+\s*Hi Sam", ".exercise-diff")
    page.reads("There is a hint after 1 more try.")

    page.write("name = input()\nprint('Hello, Sam')\n")
    page.push("Submit")
    page.says("Attempt 1: 0 of 3 points.")
    page.reads("It greets anybody")
    page.evaluate("document.querySelector('.exercise-hint').open = true")
    page.reads("Mind the exclamation mark.")

    page.write("name = input()\nprint(f'Hello, {name}!')\n")
    page.push("Submit")
    page.says("Attempt 2: 3 of 3 points.")
    page.reads("Your mark is 3 of 3, of attempt 2.")

    page.push("Attempt 1")
    page.reads("print\\('Hello, Sam'\\)", "dialog")
    page.choose("Work on with these files", "dialog")
    page.reads("Hello, Sam", ".cm-content")

    page.visit("/courses/python/progress/")
    page.reads("100 % of all points", "main")
    lecturer = page_of("lecturer")
    lecturer.visit("/courses/python/marks/")
    lecturer.reads("Sam Student\\s+100 %\\s+3", "main")


def test_what_was_written_is_there_again(page_of, published: str) -> None:
    page: ExercisePage = page_of("classmate")
    page.go(published)
    page.write("print('kept by itself')\n")
    page.until("document.querySelector('.exercise-saved').textContent == 'Saved.'")
    page.go(published)
    page.reads("kept by itself", ".cm-content")


def test_a_marker_that_is_killed_is_back_and_nothing_is_lost(page_of, published: str, site: Site) -> None:
    page: ExercisePage = page_of("student")
    page.go(published)
    page.write("name = input()\nprint(f'Hello, {name}!')  # again\n")
    end_marker(site)
    page.push("Submit")
    page.says("Attempt 1: 3 of 3 points.")


def test_a_page_that_is_loaded_again_goes_on_waiting(page_of, published: str) -> None:
    page: ExercisePage = page_of("student")
    page.go(published)
    page.write("import time\nname = input()\ntime.sleep(0.5)\nprint(f'Hello, {name}!')\n")
    page.push("Submit")
    page.says("Handed in|Being marked")
    page.go(published)
    page.reads("Your mark is 3 of 3, of attempt 1.")

"""Phones, screen readers, light and dark: the pages of exercises and marks."""

from __future__ import annotations

import pytest

from tests.console.browser.test_for_everybody import as_a_phone
from tests.marks.browser.conftest import ExercisePage

STAFF_PAGES = (
    "marks/",
    "marks/?show=stuck",
    "marks/exercises/greeting/",
    "marks/people/student/",
    "marks/changes/",
    "marks/conditions/",
)


def try_it(page: ExercisePage, published: str, text: str) -> None:
    page.go(published)
    page.write(text)
    page.push("Submit")
    page.reads("Attempt \\d", ".exercise-report .exercise-heading")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page_of, published: str, scheme: str) -> None:
    page: ExercisePage = page_of("student")
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.go(published)
    page.check_axe()
    try_it(page, published, f"print('Hello, {scheme}')\n")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = one.closest('main'); })")
    page.check_axe()
    page.evaluate("document.querySelector('.exercise-look').click()")
    page.until("document.querySelector('dialog[open]')")
    page.check_axe()
    page.visit("/courses/python/progress/")
    page.check_axe()
    lecturer = page_of("lecturer")
    lecturer.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    for address in STAFF_PAGES:
        lecturer.visit(f"/courses/python/{address}")
        lecturer.check_axe()
    lecturer.visit("/courses/python/marks/people/student/greeting/1/")
    lecturer.check_axe()


def test_nothing_is_wider_than_a_phone(page_of, published: str) -> None:
    page: ExercisePage = page_of("student")
    as_a_phone(page)
    try_it(page, published, "print('x' * 500)\n")
    fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(fits)
    page.visit("/courses/python/progress/")
    assert page.evaluate(fits)
    lecturer = page_of("lecturer")
    as_a_phone(lecturer)
    for address in STAFF_PAGES:
        lecturer.visit(f"/courses/python/{address}")
        assert lecturer.evaluate(fits), address

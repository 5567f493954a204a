"""Phones, keyboards alone, screen readers, light and dark: the same tutorials."""

from __future__ import annotations

import pytest

from tests.console.browser.page import CTRL
from tests.console.browser.test_for_everybody import as_a_phone
from tests.tutorial.browser.page import TutorialPage


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: TutorialPage, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.visit("/courses/python/")
    page.check_axe()
    page.read("01-boxes")
    page.check_axe()
    page.push("greet")
    page.says("greet", "ran to its end")
    page.click_into("greet")
    page.push("page-py")
    page.until("document.querySelector('.box-page iframe')")
    page.check_axe()
    page.evaluate(f"{page.box('greet')}.querySelector('.box-menu').open = true")
    page.check_axe()
    page.choose_in_menu("greet", "versions")
    page.until("document.querySelector('.box-version')?.textContent")
    page.check_axe()


def test_a_phone(page: TutorialPage) -> None:
    as_a_phone(page)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    page.visit("/courses/python/")
    assert page.evaluate(fits)
    page.read("01-boxes")
    assert page.evaluate(fits)
    page.push("greet")
    page.says("greet", "ran to its end")
    page.push("page-py")
    page.until("document.querySelector('.box-page iframe')")
    assert page.evaluate(fits)
    small = (
        "[...document.querySelectorAll('.box-bar :is(button, summary), .box-address :is(button, input, a)')]"
        ".filter(one => one.checkVisibility() && Math.min(one.offsetHeight, one.offsetWidth) < 44)"
        ".map(one => one.outerHTML)"
    )
    assert page.evaluate(small) == []
    page.check_axe()


def test_by_keyboard_alone(page: TutorialPage) -> None:
    page.read("02-twenty")
    page.evaluate(f"{page.box('b1')}.querySelector('.box-code').focus()")
    page.press("Tab")
    assert page.evaluate("document.activeElement.matches('.box-run')"), "code that is only passed by takes no Tab"
    page.evaluate(f"{page.box('b1')}.querySelector('.box-code').focus()")
    page.press("Enter")
    page.until("document.activeElement.matches('.cm-content')")
    page.press("Enter", CTRL)
    page.prints("b1", "^1$")
    page.until("document.activeElement.matches('.cm-content')")
    page.press("Escape")
    page.press("Tab")
    assert page.evaluate("document.activeElement.matches('.box-run')")


def test_the_editor_takes_the_place_of_the_text(page: TutorialPage) -> None:
    """Nothing jumps: the box is as high as before, and its lines are where they were."""
    page.read("01-boxes")
    height = f"{page.box('ask')}.querySelector('.box-text').offsetHeight"
    before = page.evaluate(height)
    page.click_into("ask")
    assert abs(page.evaluate(height) - before) <= 2

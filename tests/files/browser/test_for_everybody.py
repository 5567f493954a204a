"""Phones, keyboards alone, screen readers, no JavaScript: the same files."""

from __future__ import annotations

import pytest

from tests.console.browser.page import SHIFT
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

TALL_ENOUGH = (
    "[...document.querySelectorAll('ivle-files button, ivle-files a, ivle-files label')]"
    ".filter(one => one.checkVisibility())"
    ".map(one => [one.textContent || one.className || one.ariaLabel, one.getBoundingClientRect().height])"
    ".filter(([, height]) => height < 44)"
)


@pytest.fixture
def filled(page: FilesPage, home: Folder) -> FilesPage:
    home.write("hello.py", "print('Hello')\n")
    home.write("a name that is a good deal longer than a phone is wide, and goes on.txt", "text\n")
    home.write("withoutanyspacesbutverylong" * 6 + ".csv", "a,b\n1,2\n")
    home.write("work/b.py")
    return page


def test_a_phone(filled: FilesPage, home: Folder) -> None:
    page = filled
    page.as_a_phone()
    page.go()
    assert page.fits()
    assert page.evaluate(TALL_ENOUGH) == []
    page.click_row("hello.py")
    page.reads("1 selected", ".files-bar")
    assert page.fits()
    assert page.evaluate(TALL_ENOUGH) == []
    page.push("More", ".files-bar")
    page.push("Rename", ".files-menu")
    page.fill("bye.py")
    assert page.fits()
    page.press("Enter")
    page.until(f"Boolean({page.row('bye.py')})")
    page.click_name("bye.py")
    page.until("document.querySelector('.files-pane')?.getBoundingClientRect().width == innerWidth")
    assert page.fits()
    assert page.evaluate(TALL_ENOUGH) == []
    page.push("Run", ".files-pane")
    page.sees("^Hello$")
    assert page.evaluate(
        "document.elementFromPoint(innerWidth / 2, innerHeight - 80).closest('.files-console') != null"
    )
    page.push("✕", ".files-console")
    page.evaluate("history.back()")
    page.until("document.querySelector('.files-pane').hidden")
    page.check_axe()


def test_by_keyboard_alone(filled: FilesPage) -> None:
    page = filled
    page.go()
    page.evaluate("document.querySelector('.files-table thead .files-modified button').focus()")
    page.press("Tab")
    page.until("document.activeElement.dataset.path == 'work'")
    page.press("Tab")  # the list is one stop
    page.until("!document.activeElement.closest('tbody')")
    page.press("Tab", SHIFT)
    page.until("document.activeElement.dataset.path == 'work'")
    page.press("F10", SHIFT)
    page.until("document.activeElement.textContent == 'Open'")
    page.press("d")
    page.until("document.activeElement.textContent == 'Download'")
    page.press("ArrowUp")
    page.press("ArrowUp")
    page.press("Enter")
    page.until("location.pathname == '/files/work/'")
    page.until("document.activeElement.dataset.path == 'work/b.py'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(filled: FilesPage, scheme: str) -> None:
    page = filled
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.go()
    page.check_axe()
    page.click_row("hello.py")
    page.check_axe()
    page.push("More", ".files-bar")
    page.check_axe()
    page.press("Escape")
    page.click_name("hello.py")
    page.until("document.querySelector('.files-pane-body').ariaBusy == 'false'")
    page.check_axe()
    page.press("Escape")
    page.press("Delete")
    page.told("Moved to trash")
    page.check_axe()
    page.press("?")
    page.until("document.querySelector('dialog[open]')")
    page.check_axe()
    for path in ("/files/nothing/", "/files/?view=trash"):
        page.go(path)
        page.check_axe()


def test_without_javascript_the_page_says_so(filled: FilesPage) -> None:
    page = filled
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.call("Page.navigate", url=f"{page.address}/files/")
    page.until("document.body?.innerText.includes('needs JavaScript')")

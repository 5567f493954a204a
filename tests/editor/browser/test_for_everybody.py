"""Phones, keyboards alone, screen readers, light and dark: the same editor."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.console.browser.page import CTRL, SHIFT
from tests.console.browser.test_for_everybody import as_a_phone
from tests.editor.browser.page import EDITOR, EditorPage

PAGE_MAX_BYTES = 350_000
PROGRAM = '''import os


class A:
    """Text."""

    def f(self) -> float:  # why
        return 1 / 0


A().f()
'''


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: EditorPage, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.visit("/edit/")
    page.until("document.querySelector('.editor-empty, .cm-editor')")
    page.check_axe()
    page.edit("axe.py", PROGRAM)
    page.until("document.querySelector('.editor-strip button').checkVisibility()")
    page.choose("⚠ 1 problem", ".editor-strip")
    page.check_axe()
    page.run()
    page.sees("ZeroDivisionError")
    page.until("document.querySelector('.console-ended').checkVisibility()")
    page.check_axe()
    page.choose("Serve", ".editor-buttons")
    page.until("document.querySelector('.editor-preview iframe')")
    page.check_axe()
    page.press_button(".editor-preview [aria-label='Close the web page']")
    page.evaluate(f"{EDITOR}.sheet.code.focus()")
    page.press("f", CTRL)
    page.until("document.querySelector('.cm-search')")
    page.check_axe()
    page.press("Escape")
    for label in ("Open a file", "Settings", "Keys"):
        page.evaluate("document.querySelector('.editor-menu').open = true")
        page.check_axe()
        page.choose_in_menu(label)
        page.until("document.querySelector('dialog[open]')")
        page.check_axe()
        page.evaluate("document.querySelector('dialog').close()")


def test_a_phone(page: EditorPage) -> None:
    as_a_phone(page)
    page.edit("phone.py", "print('a' * 100)\n" * 3)
    fits = "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
    assert page.evaluate(fits)
    page.choose("Run", ".editor-buttons")
    page.sees("a{30}")
    assert page.evaluate(fits)
    small = (
        "[...document.querySelectorAll('.editor-bar :is(a, button, summary), .editor-strip button')]"
        ".filter(one => one.checkVisibility() && Math.min(one.offsetHeight, one.offsetWidth) < 44)"
        ".map(one => one.outerHTML)"
    )
    assert page.evaluate(small) == []
    page.evaluate("document.querySelector('.editor-menu').open = true")
    assert page.evaluate("document.querySelector('.editor-menu ul').getBoundingClientRect().left >= 0")
    page.choose_in_menu("Serve")
    page.until("document.querySelector('.editor-preview iframe')")
    assert page.evaluate(fits)
    page.check_axe()


def test_by_keyboard_alone(page: EditorPage) -> None:
    page.edit("keys.py", "x = 1\n")
    page.press("Tab")
    assert page.code == "    x = 1\n"
    page.press("Tab", SHIFT)
    assert page.code == "x = 1\n"
    page.press("Escape")
    page.press("Tab")
    assert not page.evaluate("document.activeElement.matches('.cm-content')")
    page.evaluate("document.querySelector('.editor-tabs a').focus()")
    page.press("?")
    page.until("document.querySelector('dialog[open]').innerText.includes('Escape, then Tab')")
    page.press("Escape")
    page.until("!document.querySelector('dialog')")
    page.run()  # from anywhere on the page
    page.until(f"{EDITOR}.runner.state == 'ended'")
    page.evaluate(f"{EDITOR}.sheet.code.focus()")
    page.press("F6")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.evaluate("document.querySelector('.editor-work > .console-splitter').focus()")
    before = page.evaluate(f"{EDITOR}.settings.codeShare")
    page.press("ArrowUp")
    assert page.evaluate(f"{EDITOR}.settings.codeShare") == before - 5
    page.edit("keys.py")
    assert page.evaluate(f"{EDITOR}.settings.codeShare") == before - 5


def test_tabs_are_links_and_are_remembered(page: EditorPage) -> None:
    page.edit("one.py", "1")
    page.edit("two.py", "2")
    page.press_button(".editor-tabs a[href='/edit/one.py']")
    page.opened("one.py")
    assert page.path == "/edit/one.py"
    page.evaluate("history.back()")
    page.opened("two.py")
    page.visit("/edit/one.py#L1")
    assert page.evaluate("[...document.querySelectorAll('.editor-tabs a')].map(one => one.textContent)") == [
        "one.py",
        "two.py",
    ]
    page.opened("one.py")
    page.type("x")
    page.until("document.querySelector('.editor-tabs [aria-current]').textContent.includes('not saved')")
    page.press_button(".editor-tabs [aria-label='Close one.py']")
    page.choose("Throw away", "dialog")
    page.opened("two.py")
    page.press_button(".editor-tabs [aria-label='Close two.py']")
    page.until("document.querySelector('.editor-empty')")
    assert page.path == "/edit/"


def test_an_example_to_begin_with(page: EditorPage) -> None:
    (page.site.data / "homes" / "student" / "hello.py").unlink(missing_ok=True)
    page.visit("/edit/")
    page.choose("Try hello.py", ".editor-empty")
    page.opened("hello.py")
    page.run()
    page.sees(r"^What is your name\? ?$")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.type("Sam\n")
    page.sees(r"^Hello, Sam$")


@pytest.mark.parametrize("key_map", ["vim", "emacs"])
def test_keys_of_other_editors(page: EditorPage, key_map: str) -> None:
    page.edit("keys.txt", "one\ntwo\nthree\n")
    page.evaluate(f"{EDITOR}.settings.change({{keyMap: {json.dumps(key_map)}}})")
    page.until("document.querySelector('.cm-vimMode, .cm-emacsMode')")
    if key_map == "vim":
        page.press("d")
        page.press("d")
        page.until(f"{EDITOR}.sheet.code.text == 'two\\nthree\\n'")
        page.press(":", SHIFT)
        page.until("document.activeElement.matches('.cm-vim-panel input')")
        page.type("w\n")
    else:
        page.press("k", CTRL)
        page.until(f"{EDITOR}.sheet.code.text == '\\ntwo\\nthree\\n'")
        page.press("x", CTRL)
        page.press("s", CTRL)
    page.state("saved")
    page.check_axe()
    page.press("Escape")
    page.press("Tab")
    page.until("!document.activeElement.matches('.cm-content')")
    page.evaluate(f"{EDITOR}.settings.change({{keyMap: 'plain'}})")


def test_somebody_elses_file_is_read_only(page: EditorPage, browser_of_administrator: EditorPage) -> None:
    page.edit("mine.py", "'<img src=x onerror=alert(1)>'\n")
    other = browser_of_administrator
    other.visit("/edit/mine.py?owner=student")
    other.until(f"{EDITOR}?.sheet?.file.state == 'open'")
    other.until("document.querySelector('.cm-content').textContent.includes('<img src=x')")
    other.type("x")
    assert other.code == "'<img src=x onerror=alert(1)>'\n"
    assert other.evaluate("document.querySelector('.editor-strip').innerText").startswith("Read only")
    assert not other.evaluate("[...document.querySelectorAll('.editor-buttons > button')].length")
    other.check_axe()


def test_the_first_visit_weighs_little(page: EditorPage) -> None:
    """All that is fetched until a program has run, as a server compresses it."""
    page.edit("hello.py", "print('Hello')\n")
    page.run()
    page.sees(r"^Hello$")
    fetched = page.evaluate(
        "[location.href, ...performance.getEntriesByType('resource').map(({name}) => name)]"
        ".map(name => new URL(name).pathname)"
    )
    addresses = {address for address in fetched if not address.startswith("/api/")}
    sizes = {
        address: len(gzip.compress(page.site.ask(address, cookie=page.cookie)[1], 9)) for address in sorted(addresses)
    }
    assert any("vendor/codemirror/chunk" in address for address in sizes)
    assert any("vendor/xterm.js" in address for address in sizes)
    assert sum(sizes.values()) <= PAGE_MAX_BYTES, sorted((size, address) for address, size in sizes.items())[-20:]

"""A student works through a tutorial."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.console.browser.page import CTRL
from tests.tutorial.browser.page import TutorialPage


@pytest.fixture
def folder(page: TutorialPage) -> Path:
    """Where the student's boxes are kept; there is none yet."""
    folder = page.site.data / "homes" / "student" / "python"
    if folder.exists():
        folder.rename(folder.with_name(f"before-{folder.stat().st_ino}"))
    return folder


def test_nothing_is_fetched_or_made_until_a_box_is_used(page: TutorialPage, folder: Path) -> None:
    page.read("02-twenty")
    page.wait_for("new Promise(resolve => requestIdleCallback(resolve))")
    assert page.evaluate("document.querySelectorAll('ivle-box').length") == 20
    fetched = "performance.getEntriesByType('resource').map(({name}) => new URL(name).pathname)"
    loaded = [one for one in page.evaluate(fetched) if "codemirror" in one or "xterm" in one or one.startswith("/api/")]
    assert loaded == []
    assert not folder.exists()


def test_run(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.push("greet")
    page.prints("greet", r"^Hello 42$")
    page.says("greet", "ran to its end")
    assert (folder / "01-boxes" / "greet.py").read_text() == 'print("Hello", 6 * 7)'
    page.push("greet")
    page.says("greet", "Running|ran to its end")


def test_a_program_asks(page: TutorialPage) -> None:
    page.read("01-boxes")
    page.push("ask")
    page.prints("ask", r"^Who\? ?$")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.type("Sam\n")
    page.prints("ask", r"^Hello, Sam$")
    page.says("ask", "ran to its end")
    page.until("!document.activeElement.matches('.xterm-helper-textarea')")


def test_change_run_reload_and_begin_again(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.click_into("greet")
    page.type("  # mine")
    page.press("Enter", CTRL)
    page.says("greet", "ran to its end")
    assert page.code("greet") == 'print("Hello", 6 * 7)  # mine'
    page.read("01-boxes")
    assert page.code("greet") == 'print("Hello", 6 * 7)  # mine'
    page.choose_in_menu("greet", "reset")
    page.answer("Reset")
    page.says("greet", "As at first")
    page.until(f"!{page.box('greet')}.querySelector('.box-undo').hidden")
    assert page.code("greet") == 'print("Hello", 6 * 7)'
    page.push("greet", "undo")
    page.says("greet", "Your text is back")
    assert page.code("greet") == 'print("Hello", 6 * 7)  # mine'
    page.choose_in_menu("greet", "versions")
    page.until("document.querySelectorAll('.box-versions li').length >= 3")
    page.evaluate("[...document.querySelectorAll('.box-versions button')].at(-1).click()")
    page.until("document.querySelector('.box-version').textContent.startsWith('print')")
    page.answer("Take this one")
    page.says("greet", "earlier version")


def test_what_is_typed_is_saved_by_itself(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.click_into("ask")
    page.type(" # saved")
    page.says("ask", "^Saved$")
    assert "# saved" in (folder / "01-boxes" / "ask.py").read_text()
    assert not page.evaluate("document.querySelector('ivle-console')")


def test_two_boxes_at_once(page: TutorialPage) -> None:
    page.read("01-boxes")
    page.push("ask")
    page.prints("ask", r"^Who\? ?$")
    page.push("greet")
    page.prints("greet", r"^Hello 42$")
    page.says("ask", "Running")
    page.push("ask", "stop")
    page.prints("ask", "KeyboardInterrupt")
    page.until(f"{page.box('ask')}.querySelector('.box-stop').hidden")


def test_set_up_code_runs_before_and_lines_keep_their_numbers(page: TutorialPage) -> None:
    page.read("01-boxes")
    page.push("shop")
    page.prints("shop", r"^4$")
    page.prints("shop", r'shop\.py", line 2, in <module>')
    page.prints("shop", "KeyError")


def test_a_prompt(page: TutorialPage) -> None:
    page.read("01-boxes")
    page.push("prompt")
    page.prints("prompt", r"^>>> ?$")
    page.until("document.activeElement.matches('.xterm-helper-textarea')")
    page.type("more + prices['tea']\n")
    page.prints("prompt", r"^5$")


def test_a_box_finds_the_file_of_another(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.push("reads")
    page.prints("reads", "Ada")
    page.click_into("names-txt")
    page.type(" Lovelace")
    page.push("reads")
    page.prints("reads", "Lovelace")


def test_a_web_page_with_an_address_line(page: TutorialPage) -> None:
    page.read("01-boxes")
    page.evaluate("addEventListener('message', event => { globalThis.heard = [event.origin, event.data] })")
    page.push("page-py")
    assert page.until("globalThis.heard")[0] == "null"
    page.evaluate("document.querySelector('.box-address input').value = 'page.py?name=Sam'")
    page.press_button(".box-address button")
    page.until("globalThis.heard[1].startsWith('name=Sam')")
    page.evaluate("document.querySelector('.box-address input').value = 'https://evil.example/'")
    page.press_button(".box-address button")
    page.until("globalThis.heard[1] == ''")


def test_changed_in_another_tab(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.push("greet")
    page.says("greet", "ran to its end")
    page.click_into("greet")
    page.site.write("student", "python/01-boxes/greet.py", "print('theirs')")
    page.type("#")
    page.until(f"!{page.box('greet')}.querySelector('.box-notice').hidden")
    page.choose("Take what is saved", ".box-notice")
    page.until(f"{page.box('greet')}.querySelector('.cm-content').textContent == \"print('theirs')\"")
    page.push("greet")
    page.prints("greet", "^theirs$")


def test_many_consoles_become_text(page: TutorialPage) -> None:
    page.read("02-twenty")
    for number in range(1, 9):
        page.push(f"b{number}")
        page.says(f"b{number}", "ran to its end")
    page.until("document.querySelectorAll('ivle-console').length <= 5")
    for number in range(1, 9):
        page.prints(f"b{number}", f"^{number}$")


def test_everybody_has_texts_of_their_own(page: TutorialPage, browser_of: Callable[[str], TutorialPage]) -> None:
    page.read("02-twenty")
    page.click_into("b20")
    page.type("#x")
    page.says("b20", "^Saved$")
    other = browser_of("classmate")
    other.read("02-twenty")
    assert json.dumps(other.code("b20")) == '"print(20)"'
    assert other.faults == []


def test_after_a_change_one_request_saves_and_runs(page: TutorialPage, folder: Path) -> None:
    page.read("01-boxes")
    page.push("greet")
    page.says("greet", "ran to its end")
    page.click_into("greet")
    page.evaluate(
        "globalThis.asked = []; const real = fetch;"
        "globalThis.fetch = (address, options) =>"
        " (asked.push(`${options?.method} ${String(address).split('?')[0]}`), real(address, options))"
    )
    page.type("; print('again')")
    page.push("greet")
    page.prints("greet", "^again$")
    page.says("greet", "ran to its end")
    [saving] = page.evaluate("asked.filter(one => one.startsWith('PUT') || one.startsWith('POST'))")
    assert saving.startswith("PUT /api/consoles/")
    assert saving.endswith("/file")
    assert "again" in (folder / "01-boxes" / "greet.py").read_text()

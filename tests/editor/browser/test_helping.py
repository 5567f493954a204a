"""Problems and how they are mended, formatting, and what the language server knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cgirunner.whole_site import CHECKOUT
from tests.console.browser.page import ALT, CTRL, SHIFT
from tests.editor.browser.page import EDITOR, EditorPage
from tests.editor.test_language_through_sockets import servers
from tests.sandbox.jail import until


def test_a_problem_is_marked_listed_and_mended(page: EditorPage) -> None:
    page.edit("lint.py", "x = 1\nimport os\nprint(x)\n")
    page.until("document.querySelector('.cm-lintRange-warning, .cm-lintRange-error')")
    page.until("document.querySelector('.cm-lint-marker')")
    page.choose("⚠ 1 problem", ".editor-strip")
    page.press_button(".editor-problems .editor-problem")
    page.until("document.querySelector('.editor-cursor').textContent.startsWith('Line 2')")
    page.choose("Fix", ".editor-problems")
    page.until(f"{EDITOR}.sheet.code.text == 'x = 1\\nprint(x)\\n'")
    page.until("!document.querySelector('.editor-strip button').checkVisibility()")
    page.press("z", CTRL)
    page.until(f"{EDITOR}.sheet.code.text == 'x = 1\\nimport os\\nprint(x)\\n'")


def test_problems_come_as_one_types_and_behind_whole_characters(page: EditorPage) -> None:
    page.edit("typed.py", "")
    page.type("'😀', nowhere")
    page.until("[...document.querySelectorAll('.cm-lintRange-error')].some(one => one.textContent == 'nowhere')")
    page.evaluate(f"{EDITOR}.sheet.code.goTo(1)")
    page.press("F8")
    page.until("document.querySelector('.editor-cursor').textContent == 'Line 1, column 6'")
    page.heard("Undefined name")


def test_no_marks_where_they_are_not_wanted(page: EditorPage) -> None:
    page.edit("unmarked.py", "import os\n")
    page.until("document.querySelector('.cm-lintRange')")
    page.evaluate(f"{EDITOR}.settings.change({{marks: false}})")
    page.until("!document.querySelector('.cm-lintRange')")
    page.evaluate(f"{EDITOR}.settings.change({{marks: true}})")
    page.until("document.querySelector('.cm-lintRange')")


def test_format(page: EditorPage) -> None:
    page.edit("form.py", "x=1\nprint( x )\n")
    page.press("f", ALT | SHIFT)
    page.until(f"{EDITOR}.sheet.code.text == 'x = 1\\nprint(x)\\n'")
    page.state("dirty")
    page.heard("Formatted.")
    page.press("f", ALT | SHIFT)
    page.heard("formatted already")
    page.edit("broken.py", "x = (\n")
    page.choose_in_menu("Format")
    page.until("document.querySelector('.editor-told').textContent")
    assert page.code == "x = (\n"


@pytest.fixture
def language_server(page: EditorPage) -> None:
    """What the students' Python comes with."""
    runtime = Path(page.site.environ.get("IVLE_RUNTIME") or CHECKOUT / ".runtime")
    if not (runtime / "bin" / "ty").exists():
        pytest.skip("the students' Python has no language server: make .runtime/runtime.stamp")


def is_helped(page: EditorPage) -> None:
    page.until(f"Boolean({EDITOR}.help.client && {EDITOR}.sheet.isHelped)")


def test_help_is_there_before_anybody_types(page: EditorPage, language_server: None) -> None:
    page.edit("early.py", "x = 'a'\n")
    is_helped(page)
    page.go_to_end()
    page.type("x.upp")
    page.is_offered("upper")


def test_help_knows_what_another_tab_has_saved(page: EditorPage, second: EditorPage, language_server: None) -> None:
    page.site.write("student", "tools.py", "def hammer(): ...\n")
    page.edit("user.py", "import tools\n")
    is_helped(page)
    page.go_to_end()
    page.type("tools.")
    page.is_offered("hammer")
    second.edit("tools.py")
    second.go_to_end()
    second.type("def saw(): ...\n")
    second.save()
    second.state("saved")
    page.type("s")
    page.is_offered("saw")
    page.press("Escape")
    page.save()
    page.state("saved")


def test_help_comes_back_after_its_server_has_ended(page: EditorPage, language_server: None) -> None:
    page.edit("again.py", "x = 'a'\n")
    is_helped(page)
    until(lambda: len(servers(page.site)) == 1, "that of a page before has ended")
    servers(page.site)[0].kill()
    page.until(f"!{EDITOR}.help.client && !{EDITOR}.sheet.isHelped")
    page.evaluate(f"{EDITOR}.help.notBefore = 0")  # it may come back now: in two seconds
    page.go_to_end()
    page.type("x")
    is_helped(page)
    page.type(".upp")
    page.is_offered("upper")
    page.press("Escape")
    page.save()
    page.state("saved")


def test_names_are_offered_and_explained(page: EditorPage, language_server: None) -> None:
    page.edit("help.py", "def mean(numbers: list[float]) -> float:\n    '''The <b>mean</b>.'''\n    return 1.0\n\n\n")
    page.go_to_end()
    is_helped(page)
    page.type("'x'.upp")
    page.is_offered("upper")
    page.wait_for(
        "new Promise(resolve => setTimeout(resolve, 100))"
    )  # just shown, it takes no Enter meant for the text
    page.press("Enter")
    page.until(f"{EDITOR}.sheet.code.text.endsWith(\"'x'.upper\")")
    page.type("()\nmean(")
    page.until("document.querySelector('.cm-lsp-signature-tooltip')?.innerText.includes('numbers')")
    assert not page.evaluate("document.querySelector('.cm-tooltip b')")
    page.check_axe()
    page.press("Escape")
    page.type("1)\n")
    page.save()
    page.state("saved")


def test_the_editor_works_where_there_is_no_help(page: EditorPage) -> None:
    page.block_sockets()
    page.edit("alone.py", "")
    page.type("number = 1\nnum")
    page.is_offered("number")
    page.press("Escape")
    page.save()
    page.state("saved")

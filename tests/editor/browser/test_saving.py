"""What is typed is never lost: drafts, conflicts, refusals, and the bytes that nobody changed."""

from __future__ import annotations

from pathlib import Path

from tests.console.browser.test_for_everybody import as_a_phone
from tests.editor.browser.page import EDITOR, EditorPage

KEPT = f"{EDITOR}.drafts.storage.all().then(all => all.map(({{value}}) => value.text))"


def test_a_new_file_is_made_by_saving(page: EditorPage, home: Path) -> None:
    (home / "new one.py").unlink(missing_ok=True)
    page.visit("/edit/new%20one.py")
    page.opened("new%20one.py")
    page.type("x = 1\n")
    page.save()
    page.state("saved")
    assert (home / "new one.py").read_text() == "x = 1\n"


def test_crlf_and_a_byte_order_mark_stay(page: EditorPage, home: Path) -> None:
    page.edit("notes.txt", "")
    (home / "notes.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    page.edit("notes.txt")
    page.go_to_end()
    page.type("three\n")
    page.save()
    page.state("saved")
    assert (home / "notes.txt").read_bytes() == b"\xef\xbb\xbfone\r\ntwo\r\nthree\r\n"
    assert page.evaluate("document.querySelector('.editor-kind').textContent") == "Text · UTF-8 BOM · CRLF"


def test_line_ends_of_all_kinds_stay(page: EditorPage, home: Path) -> None:
    page.edit("mixed.txt", "")
    (home / "mixed.txt").write_bytes(b"one\r\ntwo\nthree\rfour")
    page.edit("mixed.txt")
    page.go_to_end()
    page.type("!")
    page.save()
    page.state("saved")
    assert (home / "mixed.txt").read_bytes() == b"one\r\ntwo\nthree\rfour!"


def test_what_is_not_text_is_refused_with_a_sentence(page: EditorPage, home: Path) -> None:
    page.edit("picture.txt", "")
    (home / "picture.txt").write_bytes(b"\x89PNG\0")
    page.visit("/edit/picture.txt")
    page.until("document.querySelector('.editor-empty')?.innerText.includes('This file is not text')")
    page.check_axe()
    address = page.evaluate("document.querySelector('.editor-empty a').getAttribute('href')")
    assert page.site.ask(address, cookie=page.cookie) == (200, b"\x89PNG\0")
    (home / "picture.txt").write_bytes(b"text")
    page.choose("Try again", ".editor-empty")
    page.until(f"{EDITOR}.sheet.file.state == 'open'")


def test_a_draft_after_a_crash(page: EditorPage, second: EditorPage, home: Path) -> None:
    second.edit("draft.py", "saved = 1\n")
    second.go_to_end()
    second.type("typed = 2\n")
    assert second.wait_for(f"{EDITOR}.drafts.inBrowser.get('draft.py').under?.then(() => 'kept') ?? 'kept'")
    assert second.wait_for(KEPT) == ["saved = 1\ntyped = 2\n"]
    second.crash(page)
    page.edit_locked("draft.py")
    page.notices("were not saved")
    page.heard("were not saved")
    page.until("document.activeElement.textContent == 'Restore'")
    page.check_axe()
    page.choose("Compare", ".editor-notice")
    page.until("document.querySelector('.editor-difference .cm-changedLine, .editor-difference .cm-insertedLine')")
    page.check_axe()
    page.choose("Restore", "dialog")
    page.until(f"{EDITOR}.sheet.code.text == 'saved = 1\\ntyped = 2\\n'")
    assert (home / "draft.py").read_text() == "saved = 1\n"
    page.save()
    page.state("saved")
    assert (home / "draft.py").read_text() == "saved = 1\ntyped = 2\n"
    page.edit("draft.py")
    assert page.wait_for(KEPT) == []


def test_a_draft_is_discarded(page: EditorPage, second: EditorPage) -> None:
    second.edit("draft.py", "saved = 1\n")
    second.type("#")
    second.wait_for(f"{EDITOR}.drafts.inBrowser.get('draft.py').under ?? Promise.resolve()")
    second.crash(page)
    page.edit_locked("draft.py")
    page.choose("Discard", ".editor-notice")
    page.until("!document.querySelector('.editor-notice')")
    page.type("x")
    assert page.code == "xsaved = 1\n"
    page.save()
    page.state("saved")
    page.edit("draft.py")


def test_a_tab_that_is_alive_has_its_draft_to_itself(page: EditorPage, second: EditorPage) -> None:
    second.edit("draft.py", "saved = 1\n")
    second.type("#")
    second.wait_for(f"{EDITOR}.drafts.inBrowser.get('draft.py').under ?? Promise.resolve()")
    page.edit("draft.py")
    assert page.code == "saved = 1\n"


def in_conflict(page: EditorPage, second: EditorPage) -> None:
    page.edit("both.py", "first\nsecond\nthird\n")
    second.edit("both.py")
    second.type("theirs ")
    second.save()
    second.state("saved")
    page.go_to_end()
    page.type("mine\n")
    page.save()
    page.notices("changed elsewhere")


def test_two_tabs_on_one_file_meet_and_choose(page: EditorPage, second: EditorPage, home: Path) -> None:
    in_conflict(page, second)
    assert (home / "both.py").read_text() == "theirs first\nsecond\nthird\n"
    page.choose("Compare and choose", ".editor-notice")
    page.until("document.querySelectorAll('.editor-difference .cm-editor').length == 2")
    page.check_axe()
    page.press_button(".editor-difference .cm-merge-revert button")
    page.choose("Save mine", "dialog")
    page.state("saved")
    assert (home / "both.py").read_text() == "theirs first\nsecond\nthird\nmine\n"
    second.type("!")
    second.save()
    second.notices("changed elsewhere")
    second.choose("Compare and choose", ".editor-notice")
    second.choose("Take theirs", "dialog")
    second.state("saved")
    assert second.code == "theirs first\nsecond\nthird\nmine\n"


def test_two_texts_on_a_phone(page: EditorPage, second: EditorPage, home: Path) -> None:
    """One below the other, with all that is to be chosen on the screen."""
    as_a_phone(page)
    in_conflict(page, second)
    page.choose("Compare and choose", ".editor-notice")
    page.until("document.querySelector('dialog .cm-deletedChunk')")
    page.check_axe()
    off = (
        "[...document.querySelectorAll('dialog :is(h2, p, button, .cm-content)')]"
        ".filter(one => one.checkVisibility() && !(({left, right, top, bottom}) =>"
        " left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight)(one.getBoundingClientRect()))"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert page.evaluate(off) == []
    small = (
        "[...document.querySelectorAll('dialog button')]"
        ".filter(one => Math.min(one.offsetHeight, one.offsetWidth) < 44).map(one => one.outerHTML)"
    )
    assert page.evaluate(small) == []
    page.press_button("dialog .cm-deletedChunk button[name=reject]")
    page.choose("Save mine", "dialog")
    page.state("saved")
    assert (home / "both.py").read_text() == "theirs first\nsecond\nthird\nmine\n"


def test_a_conflict_is_not_run(page: EditorPage, second: EditorPage) -> None:
    in_conflict(page, second)
    page.run()
    page.heard("changed elsewhere")
    assert page.evaluate(f"{EDITOR}.runner.state") == "none"


def test_a_save_that_fails_keeps_the_text_and_says_why(page: EditorPage, home: Path) -> None:
    page.edit("latin.py", "")
    (home / "latin.py").write_bytes("# coding: latin-1\n'ä'\n".encode("latin-1"))
    page.edit("latin.py")
    page.go_to_end()
    page.type("'€'")
    page.save()
    page.notices("Line 3 has “€”")
    page.check_axe()
    assert page.code == "# coding: latin-1\n'ä'\n'€'"
    page.evaluate(f"{EDITOR}.sheet.code.focus()")
    page.press("Backspace")
    page.press("Backspace")
    page.type("ö'")
    page.choose("Save again", ".editor-notice")
    page.state("saved")
    assert (home / "latin.py").read_bytes() == "# coding: latin-1\n'ä'\n'ö'".encode("latin-1")

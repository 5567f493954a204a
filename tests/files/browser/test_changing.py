"""Making, renaming, copying, moving, deleting and taking it back."""

from __future__ import annotations

import io
import zipfile

from tests.console.browser.page import CTRL
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage


def test_make_rename_and_delete(page: FilesPage, home: Folder) -> None:
    page.go()
    page.push("New folder", ".files-bar")
    page.fill("Übung 1")
    page.press("Enter")
    page.shows("Übung 1")
    page.push("✕", ".files-bar")
    page.push("New file", ".files-bar")
    page.fill("a/b")
    page.press("Enter")
    page.reads("cannot have a slash", ".files-naming")
    page.fill("Übung 1")
    page.press("Enter")
    page.reads("Übung 1 is a folder", ".files-naming")
    page.fill("hello.py")
    page.press("Enter")
    page.shows("Übung 1", "hello.py")
    page.until("document.activeElement.dataset.path == 'hello.py'")
    page.told("hello.py is made")
    page.click_name("Übung 1")
    page.reads("This folder is empty")
    assert page.evaluate("document.querySelector('.files-notice').hidden"), "it was of the folder above"
    page.press("Backspace")
    page.shows("Übung 1", "hello.py")
    page.click_row("hello.py")
    page.press("F2")
    page.until("document.activeElement.selectionEnd == 'hello'.length")
    page.type("good bye")
    page.press("Enter")
    page.shows("Übung 1", "good bye.py")
    assert home.names() == {"Übung 1".encode(), b"good bye.py"}
    page.press("Delete")
    page.told("Moved to trash")
    page.shows("Übung 1")
    page.push("Undo")
    page.shows("Übung 1", "good bye.py")
    assert page.selected == ["good bye.py"]


def test_a_name_that_is_taken_stays_in_the_field(page: FilesPage, home: Folder) -> None:
    home.write("a.py")
    home.write("b.py", "kept")
    page.go()
    page.click_row("a.py")
    page.push("Rename", ".files-bar")
    page.fill("b.py")
    page.press("Enter")
    page.reads("There is a b.py here already", ".files-naming .error")
    assert page.evaluate("document.activeElement.value") == "b.py"
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    page.check_axe()
    page.press("Escape")
    page.shows("a.py", "b.py")
    assert home.read("b.py") == "kept"


def test_copy_and_cut_into_another_folder(page: FilesPage, home: Folder) -> None:
    home.write("a.py", "a")
    home.write("b.py", "b")
    home.make("work")
    page.go()
    page.click_row("a.py")
    page.press("c", CTRL)
    page.told("copied")
    page.click_name("work")
    page.reads("This folder is empty")
    page.push("Paste 1")
    page.shows("a.py")
    page.told("1 thing copied")
    page.press("v", CTRL)  # a second one beside it
    page.until("document.querySelectorAll('.files-table tbody tr').length == 2")
    page.press("Backspace")
    page.shows("work", "a.py", "b.py")
    page.click_row("b.py")
    page.press("x", CTRL)
    page.until(f"{page.row('b.py')}.classList.contains('files-cut')")
    page.press("v", CTRL)
    page.told("is here already")
    page.click_name("work")
    page.until("location.pathname == '/files/work/'")
    page.until("document.activeElement.closest('tbody')")
    page.press("v", CTRL)
    page.told("1 thing moved")
    assert home.names() == {b"work", b"a.py"}
    assert b"b.py" in home.names("work")


def test_a_folder_does_not_go_into_itself(page: FilesPage, home: Folder) -> None:
    home.make("work")
    page.go()
    page.click_row("work")
    page.press("x", CTRL)
    page.press("Enter")
    page.reads("This folder is empty")
    page.push("Paste 1")
    page.told("cannot be put into itself")


def test_a_half_done_batch_says_what_was_done(page: FilesPage, home: Folder) -> None:
    home.write("a.py", "new")
    home.write("b.py", "b")
    home.write("work/a.py", "old")
    page.go()
    page.click_row("a.py")
    page.click_row("b.py", CTRL)
    page.press("x", CTRL)
    page.evaluate("document.querySelector('.files-bar button').click()")
    page.click_name("work")
    page.shows("a.py")
    page.push("Paste 2")
    said = page.told("1 thing moved")
    assert "1 was not:" in said
    assert "a.py" in said
    assert (home.read("a.py"), home.read("work/a.py"), home.read("work/b.py")) == ("new", "old", "b")
    page.check_axe()


def test_the_trash(page: FilesPage, home: Folder) -> None:
    for name in ("a.py", "b.py", "c.py"):
        home.write(f"work/{name}", name)
    page.go("/files/work/")
    page.click_row("a.py")
    page.press("a", CTRL)
    page.press("Delete")
    page.told("3 things moved to trash")
    page.reads("This folder is empty")
    page.push("Trash", ".files-bar")
    page.reads(r"a\.py.*from work", ".files-trash")
    assert page.evaluate("location.search") == "?view=trash"
    page.check_axe()
    page.evaluate("document.querySelector('[aria-label=\"Put b.py back\"]').click()")
    page.told(r"b\.py is back")
    page.until("document.querySelectorAll('.files-discarded li').length == 2")
    page.evaluate("document.querySelector('[aria-label=\"Delete a.py for good\"]').click()")
    page.push("Keep it", "dialog")
    page.until("!document.querySelector('dialog')")
    page.evaluate("document.querySelector('[aria-label=\"Delete a.py for good\"]').click()")
    page.push("Delete for good", "dialog")
    page.until("document.querySelectorAll('.files-discarded li').length == 1")
    page.push("Empty the trash")
    page.check_axe()
    page.push("Empty the trash", "dialog")
    page.reads("The trash is empty", ".files-trash")
    page.evaluate("history.back()")
    page.shows("b.py")
    assert home.names("work") == {b"b.py"}


def test_what_a_program_wrote_appears_when_one_comes_back(page: FilesPage, home: Folder) -> None:
    home.write("a.py")
    page.go()
    page.shows("a.py")
    home.write("b.txt")
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.shows("a.py", "b.txt")


def test_download_one_and_several(page: FilesPage, home: Folder) -> None:
    """The link that the button makes is kept back, and opened by hand."""
    home.write("a b.txt", "one")
    home.write("work/c.py", "two")
    page.go()
    page.evaluate("HTMLAnchorElement.prototype.click = function () { globalThis.link = [this.href, this.download]; }")
    page.click_row("a b.txt")
    page.push("Download", ".files-bar")
    address, name = page.evaluate("link")
    assert name == "a b.txt"
    assert page.wait_for(f"fetch({address!r}).then(answer => answer.text())") == "one"
    page.click_row("work", CTRL)
    page.push("Download", ".files-bar")
    address, _ = page.evaluate("link")
    packed = page.wait_for(f"fetch({address!r}).then(async answer => [...new Uint8Array(await answer.arrayBuffer())])")
    with zipfile.ZipFile(io.BytesIO(bytes(packed))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a b.txt": b"one",
            "work/": b"",
            "work/c.py": b"two",
        }

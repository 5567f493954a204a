"""Finding one's way: the list, its order, folders, the address, what is selected."""

from __future__ import annotations

import pytest

from tests.console.browser.page import ALT, CTRL, SHIFT
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage


@pytest.fixture
def five(page: FilesPage, home: Folder) -> FilesPage:
    for number in (1, 2, 3, 10):
        home.write(f"part{number}.py", "x" * number)
    home.make("work")
    page.go()
    page.shows("work", "part1.py", "part2.py", "part3.py", "part10.py")
    return page


def test_an_empty_home_teaches(page: FilesPage, home: Folder) -> None:
    page.go()
    page.reads("You have no files yet")
    page.push("New file", ".files-empty")
    page.fill("hello.py")
    page.press("Enter")
    page.shows("hello.py")
    assert home.names() == {b"hello.py"}


def test_folders_and_back(five: FilesPage, home: Folder) -> None:
    page = five
    home.write("work/deep/a.py")
    page.click_name("work")
    page.shows("deep")
    assert page.path == "/files/work/"
    page.click_row("deep", clicks=2)
    page.shows("a.py")
    page.evaluate("history.back()")
    page.shows("deep")
    page.until("document.title == 'work – ivle'")
    page.evaluate("[...document.querySelectorAll('.files-crumbs a')].at(0).click()")
    page.shows("work", "part1.py", "part2.py", "part3.py", "part10.py")
    page.until("document.activeElement.dataset.path == 'work'")  # where one comes from
    page.press("Enter")
    page.shows("deep")
    page.press("ArrowUp", ALT)
    page.until("location.pathname == '/files/'")


def test_a_folder_by_its_address(page: FilesPage, home: Folder) -> None:
    home.write(b"a b/50% \xff\n\xc3\x9c/x.txt")
    page.visit("/files/a%20b/50%25%20%FF%0A%C3%9C/")
    page.shows("x.txt")
    page.reads(r"Files\s*/?\s*a b\s*/?\s*50% \ufffd\u240aÜ", ".files-crumbs")
    page.go("/files/nothing/")
    page.reads("This folder is not there")
    page.push("To your files")
    page.shows("a b")


def test_order_by_a_column(five: FilesPage) -> None:
    page = five
    page.push("Size")
    page.shows("work", "part10.py", "part3.py", "part2.py", "part1.py")
    assert page.evaluate("document.querySelector('th[data-column=size]').ariaSort") == "descending"
    page.push("Size")
    page.shows("work", "part1.py", "part2.py", "part3.py", "part10.py")
    page.push("Name")
    page.push("Name")
    page.shows("work", "part10.py", "part3.py", "part2.py", "part1.py")


def test_hidden_files(five: FilesPage, home: Folder) -> None:
    page = five
    home.write(".secret")
    page.evaluate("document.querySelector('.files-toggle input').click()")
    page.shows("work", ".secret", "part1.py", "part2.py", "part3.py", "part10.py")
    page.reload()
    page.shows("work", ".secret", "part1.py", "part2.py", "part3.py", "part10.py")


def test_select_by_mouse(five: FilesPage) -> None:
    page = five
    page.click_row("part1.py")
    page.click_row("part3.py", SHIFT)
    assert page.selected == ["part1.py", "part2.py", "part3.py"]
    page.click_row("part2.py", CTRL)
    assert page.selected == ["part1.py", "part3.py"]
    page.tick("work")
    assert page.selected == ["work", "part1.py", "part3.py"]
    page.reads("3 selected", ".files-bar")
    page.click_row("part10.py")
    assert page.selected == ["part10.py"]
    page.push("✕", ".files-bar")
    assert page.selected == []
    page.evaluate("document.querySelector('thead input').click()")
    assert len(page.selected) == 5


def test_select_by_keys(five: FilesPage) -> None:
    page = five
    page.evaluate("document.querySelector('.files-table tbody tr').focus()")
    page.press("ArrowDown")
    page.extend("ArrowDown")
    assert page.selected == ["part1.py", "part2.py"]
    page.press("End", CTRL)
    page.press(" ")
    assert page.selected == ["part1.py", "part2.py", "part10.py"]
    assert page.focused == "part10.py"
    assert page.evaluate("document.querySelectorAll('.files-table tbody [tabindex=\"0\"]').length") == 1
    page.press("a", CTRL)
    assert len(page.selected) == 5
    page.press("Escape")
    assert page.selected == []
    page.type("w")
    page.press("w")
    page.until("document.activeElement.dataset.path == 'work'")
    page.press("F10", SHIFT)
    page.until("document.activeElement.getAttribute('role') == 'menuitem'")
    page.press("Escape")
    page.until("document.activeElement.dataset.path == 'work'")
    page.press("?")
    page.until("document.querySelector('dialog[open]').innerText.includes('move to the trash')")


def test_somebody_elses_files(page: FilesPage, home: Folder, browser_of) -> None:
    home.write("hello.py", "print(1)\n")
    page.site.ask("/files/?owner=student", cookie=browser_of("classmate").cookie)
    assert page.site.reply.status == 404
    admin = browser_of("admin")
    admin.go("/files/?owner=student")
    admin.shows("hello.py")
    admin.click_row("hello.py")
    buttons = admin.evaluate("[...document.querySelectorAll('.files-bar button')].map(one => one.textContent)")
    assert buttons == ["✕", "Edit", "Download", "More"]
    admin.press("Delete")
    admin.press("F2")
    admin.shows("hello.py")
    assert home.names() == {b"hello.py"}
    assert admin.evaluate("document.querySelector('.files-name-field')") is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>.py", "<img src=x onerror=alert(1)>.py"),
        ("a\nb\t'\"&.txt", "a\u240ab\u2409'\"&.txt"),
        ("gnp.\u202eyp.run", "gnp.\u25a1yp.run"),
        (b"caf\xe9 \xff.txt", "caf\ufffd \ufffd.txt"),
        ("שלום 👩‍🔬.txt", "שלום 👩‍🔬.txt"),
        ("%41 #?&;=+.txt", "%41 #?&;=+.txt"),
    ],
)
def test_any_name_is_shown_renamed_and_deleted(page: FilesPage, home: Folder, name: str | bytes, shown: str) -> None:
    home.write(name, "text\n")
    page.go()
    page.shows(shown)
    page.check_axe()
    page.click_row(shown)
    page.press("F2")
    page.until("document.activeElement.classList.contains('files-name-field')")
    page.press("Escape")  # as it was
    page.shows(shown)
    page.press("Delete")
    page.shows()
    page.push("Undo")
    page.shows(shown)
    page.click_row(shown)
    page.press("F2")
    page.fill("plain.txt")
    page.press("Enter")
    page.shows("plain.txt")
    assert home.names() == {b"plain.txt"}

"""Rows dragged onto a folder, or onto a step of the way above the list."""

from __future__ import annotations

import pytest

from tests.console.browser.page import ALT, CTRL
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

DROP = ".files-drop"


def step(name: str) -> str:
    return f"[...document.querySelectorAll('.files-crumbs a')].find(one => one.textContent == '{name}')"


@pytest.fixture
def work(page: FilesPage, home: Folder) -> FilesPage:
    for name in ("a.py", "b.py", "c.py"):
        home.write(f"work/{name}", name)
    home.make("work/old")
    page.go("/files/work/")
    return page


def test_one_into_a_folder_and_back(work: FilesPage, home: Folder) -> None:
    work.drag("a.py", work.row("old"))
    work.reads(r"^Move a\.py into old; with Ctrl it is a copy$", DROP)
    assert work.evaluate(f"{work.row('old')}.classList.contains('files-target')")
    work.drop()
    work.told("1 thing moved")
    work.shows("old", "b.py", "c.py")
    assert work.evaluate(f"document.querySelector('{DROP}').hidden")
    assert home.names("work/old") == {b"a.py"}
    work.check_axe()
    work.push("Undo")
    work.told("Put back")
    work.shows("old", "a.py", "b.py", "c.py")
    assert home.names("work/old") == set()


def test_what_is_selected_goes_along_up_the_way(work: FilesPage, home: Folder) -> None:
    work.click_row("a.py")
    work.click_row("c.py", CTRL)
    work.drag("c.py", step("Files"))
    work.reads("^Move 2 things into Files", DROP)
    work.drop()
    work.told("2 things moved")
    work.shows("old", "b.py")
    assert home.names() == {b"work", b"a.py", b"c.py"}


@pytest.mark.parametrize("modifiers", [CTRL, ALT])
def test_a_copy(work: FilesPage, home: Folder, modifiers: int) -> None:
    work.drag("a.py", work.row("old"), modifiers)
    work.reads(r"^Copy a\.py into old$", DROP)
    work.drop()
    work.told("1 thing copied")
    assert (home.read("work/a.py"), home.read("work/old/a.py")) == ("a.py", "a.py")
    work.push("Undo")
    work.told("Moved to trash")
    assert home.names("work/old") == set()


@pytest.mark.parametrize("target", ["old", "b.py"])
def test_not_into_itself_nor_into_a_file(work: FilesPage, home: Folder, target: str) -> None:
    work.drag("old", work.row(target))
    work.drop()
    work.wait_for("document.querySelector('ivle-files').refresh().then(() => true)")
    work.shows("old", "a.py", "b.py", "c.py")
    assert work.evaluate("document.querySelector('.files-notice').hidden")
    assert home.names("work") == {b"old", b"a.py", b"b.py", b"c.py"}


def test_a_name_that_is_taken_there_stays(work: FilesPage, home: Folder) -> None:
    home.write("work/old/a.py", "older")
    work.drag("a.py", work.row("old"))
    work.drop()
    work.told("Nothing was moved")
    assert (home.read("work/a.py"), home.read("work/old/a.py")) == ("a.py", "older")


def test_somebody_who_may_only_look_drags_nothing(work: FilesPage) -> None:
    work.evaluate("document.querySelector('ivle-files').listing.writable = false")
    x, y = work.place_of(f"{work.row('a.py')}.querySelector('.files-type')")
    work.click_at(x, y)
    assert not work.evaluate(f"{work.row('a.py')}.draggable")
    work.evaluate("document.querySelector('ivle-files').listing.writable = true")
    work.click_at(x, y)
    assert work.evaluate(f"{work.row('a.py')}.draggable")

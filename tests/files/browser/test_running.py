"""The ways to run, serve and show a file that begin in the list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.browser.page import CONSOLE
from tests.files.browser.folder import Folder
from tests.files.browser.page import FilesPage

PUBLISH = (
    "fetch('/api/files/publish', {method: 'POST', body: JSON.stringify({path: '', published: %s}), headers: "
    "{'Content-Type': 'application/json', 'X-CSRFToken': document.querySelector('ivle-files').getAttribute('csrf')}})"
    ".then(answer => answer.ok)"
)


@pytest.fixture
def private(page: FilesPage, home: Folder) -> Iterator[FilesPage]:
    """The demo's homes are published as a whole; here it is not."""
    home.write("hello.py", "print('Hello, ' + 'file')\nname = 42\n")
    page.go()
    assert page.wait_for(PUBLISH % "false")
    page.go()
    yield page
    page.go()
    assert page.wait_for(PUBLISH % "true")


def test_run(page: FilesPage, home: Folder) -> None:
    home.write("work/it's ü.py", "print('Hello, ' + 'file')\n")
    page.go("/files/work/")
    page.click_row("it's ü.py")
    page.push("Run", ".files-bar")
    page.sees("^Hello, file$")
    page.until("document.querySelector('.console-ended').checkVisibility()")
    assert ">>>" not in page.text
    page.push("✕", ".files-console")
    page.until("document.querySelector('.files-console').hidden")


def test_run_in_console(page: FilesPage, home: Folder) -> None:
    home.write("hello.py", "number = 40 + 2\n")
    page.go()
    page.more("hello.py", "Run in console")
    page.sees("^>>> ?$")
    page.until("document.activeElement.classList.contains('xterm-helper-textarea')")
    page.type("number\n")
    page.sees("^42$")


def test_a_name_that_is_not_text_runs(page: FilesPage, home: Folder) -> None:
    home.write(b"\xff\xe9.py", "print('ran ' + 'it')\n")
    page.go()
    page.click_row("\ufffd\ufffd.py")
    page.push("Run", ".files-bar")
    page.sees("^ran it$")


def test_run_again_ends_the_console_before(page: FilesPage, home: Folder) -> None:
    home.write("wait.py", "print('waits'); import time; time.sleep(600)\n")
    page.go()
    page.click_row("wait.py")
    sessions = set()
    for count in (1, 2, 3):
        page.push("Run", ".files-bar")
        page.until(f"!{list(sessions)}.includes({CONSOLE}?.getAttribute('session') ?? {list(sessions)}[0])")
        page.sees("^waits$")
        sessions.add(page.evaluate(f"{CONSOLE}.getAttribute('session')"))
        assert len(sessions) == count
    running = "fetch('/api/consoles').then(answer => answer.json()).then(all => all.length)"
    page.until(f"({running}.then(count => {{ globalThis.running = count; }}), globalThis.running == 1)")


def test_serve_opens_a_tab(page: FilesPage, home: Folder) -> None:
    home.write("a b.py", "print('x')\n")
    page.go()
    page.click_row("a b.py")
    page.evaluate("globalThis.open = (...asked) => { globalThis.opened = asked; }")
    page.push("Serve", ".files-bar")
    assert page.evaluate("opened") == ["/serve/student/a%20b.py", "_blank", "noopener"]


def test_serve_a_folder(page: FilesPage, home: Folder) -> None:
    home.make("work")
    page.go()
    page.click_row("work")
    page.evaluate("globalThis.open = (...asked) => { globalThis.opened = asked; }")
    page.push("Serve", ".files-bar")
    page.told(r"work has no index\.py or index\.html")
    home.write("work/index.html", "<p>Hello</p>")
    page.push("Serve", ".files-bar")
    assert page.until("globalThis.opened") == ["/serve/student/work/", "_blank", "noopener"]


def test_edit(page: FilesPage, home: Folder) -> None:
    home.write("work/a b.py", "print('x')\n")
    page.go("/files/work/")
    page.click_row("a b.py")
    page.evaluate("document.querySelector('[data-action=edit]').click()")
    page.until("location.pathname == '/edit/work/a%20b.py'")


def test_publish_a_folder_and_take_it_back(private: FilesPage, home: Folder) -> None:
    page = private
    home.write("work/index.html", "<p>Hello, world</p>")
    page.go()
    page.more("work", "Publish")
    address = page.until("document.querySelector('dialog input')?.value")
    assert address.endswith("/~student/work/")
    page.check_axe()
    status, content = page.site.ask("/~student/work/index.html", host="pages.localhost")
    assert (status, content) == (200, b"<p>Hello, world</p>")
    page.push("Done", "dialog")
    page.reads("Published", "tr[data-path=work]")
    page.more("work", "Unpublish")
    page.told("work is yours alone again")
    assert page.site.ask("/~student/work/index.html", host="pages.localhost")[0] == 404


def test_share_a_file(private: FilesPage, home: Folder) -> None:
    page = private
    home.write("work/it's.txt", "seen")
    page.go("/files/work/")
    page.more("it's.txt", "Share this file")
    page.reads("it's.txt is yours alone", "dialog")
    page.push("Keep it private", "dialog")
    page.until("!document.querySelector('dialog')")
    page.more("it's.txt", "Share this file")
    page.push("Publish the folder", "dialog")
    address = page.until("document.querySelector('dialog input')?.value")
    assert address.endswith("/~student/work/it%27s.txt")
    assert page.site.ask("/~student/work/it%27s.txt", host="pages.localhost") == (200, b"seen")
    page.check_axe()
    page.push("Done", "dialog")
    page.reads("Published", ".files-head")


def test_what_is_never_shown_is_not_shared(private: FilesPage, home: Folder) -> None:
    home.write("secrets/.secret", "unseen")
    private.go("/files/secrets/")
    private.evaluate("document.querySelector('ivle-files').showHidden(true)")
    private.more(".secret", "Share this file")
    private.push("Publish the folder", "dialog")
    private.told(r"\.secret cannot be shared")
    assert private.site.ask("/~student/secrets/.secret", host="pages.localhost")[0] == 404


def test_an_address_of_its_own(private: FilesPage, home: Folder) -> None:
    page = private
    home.write("shops/site/index.html", "<p>shop</p>")
    page.go("/files/shops/site/")
    page.push("More", ".files-bar")
    page.push("What everybody sees", ".files-menu")
    page.until("location.pathname == '/public/'")
    page.evaluate(
        "document.querySelector('#address').value = 'shop'; document.querySelector('#folder').value = 'shops/site'"
    )
    page.choose("Show the folder there", "form")
    page.until("document.body.innerText.includes('Everybody can open this folder now')")
    page.go("/files/shops/site/")
    page.reads(r"Published.*/~student/shop/", ".files-head")
    page.more("index.html", "Share this file")
    assert page.until("document.querySelector('dialog input')?.value").endswith("/~student/shop/index.html")
    page.push("Done", "dialog")
    page.go("/files/shops/")
    page.reads("Published", 'tr[data-path="shops/site"]')
    page.more("site", "Unpublish")
    page.told("site can still be seen at .*/~student/shop/")
    page.push("What everybody sees", ".files-notice")
    page.until("location.pathname == '/public/'")
    page.choose("Remove", "form")
    page.until("document.body.innerText.includes('The address shows nothing any more')")

"""`python -m tests.tour`: a new student does a whole assignment in a real Chromium; what they see becomes docs/tour.md.

Each step is done by hand: keys, buttons, links. It stops where something is not as the text says.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import CHECKOUT, Site
from tests.console.browser.page import PROGRAM
from tests.editor.browser.page import EDITOR, EditorPage
from tests.ten_minutes.page import CoursePage
from tests.tour_course import learns

PICTURE_MAX_BYTES = 100_000
WIDTH, HEIGHT = 1000, 640
STILL_SECONDS = 0.6  # for what is drawn a moment later: marks, the blinking cursor, a picture's frame
FILES = "document.querySelector('ivle-files')"
WRONG = """name = "Ada"
words = ["Hello", "Bonjour", "Hallo"]
for word in words:
    print(wrod + ",", name)
"""
RIGHT = WRONG.replace("wrod", "word")
PAGE = """name = "Ada"
words = ["Hello", "Bonjour", "Hallo"]
print("Content-Type: text/html")
print()
print("<h1>Greetings</h1>")
for word in words:
    print("<p>" + word + ",", name + "</p>")
"""
ASKS = 'name = input("Who are you? ")\nprint("Hello,", name)\n'
LOGIN, PASSWORD = "newcomer", "ivle"
MAKE_PERSON = f"from accounts.models import Person; Person.objects.create_user({LOGIN!r}, {PASSWORD!r})"
HEAD = """# A tour

A whole assignment, from the first login to a published page, as somebody new would do it: *write a program that greets
in three languages, then make a web page of it*; and then the first exercise of a course. The pictures were made by a
script that does every step in a browser (`python -m tests.tour`), so they show what is there.
"""


class Tour:
    """The pages of docs/tour.md, one picture and a few words each."""

    def __init__(self, page: EditorPage, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.text = HEAD

    def show(self, name: str, title: str, words: str, page: EditorPage | None = None) -> None:
        shown = page or self.page
        time.sleep(STILL_SECONDS)
        picture = base64.b64decode(shown.call("Page.captureScreenshot", format="png")["data"])
        if len(picture) > PICTURE_MAX_BYTES:
            raise SystemExit(f"{name}.png has {len(picture)} bytes, and {PICTURE_MAX_BYTES} are allowed")
        (self.folder / f"{name}.png").write_bytes(picture)
        self.text += f"\n## {title}\n\n{words}\n\n![{title}](tour/{name}.png)\n"


@contextmanager
def new_student(site: Site, profile: Path) -> Iterator[CoursePage]:
    """A browser in which nobody is logged in, and somebody of the class who has never been here."""
    command = [sys.executable, "manage.py", "shell", "-c", MAKE_PERSON]
    subprocess.run(command, cwd=CHECKOUT, env=site.environ, check=True, stdout=subprocess.DEVNULL)
    with closing(Chromium(str(PROGRAM), profile)) as chromium, closing(CoursePage(chromium, site, "a=b")) as page:
        resize(page)
        yield page


def resize(page: EditorPage) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False)


def write(page: EditorPage, text: str) -> None:
    """In place of all that is in the editor."""
    page.press("a", 2)
    page.call("Input.insertText", text=text)
    page.until(f"{EDITOR}.sheet.code.text == {json.dumps(text)}")


def choose_row(page: EditorPage, name: str) -> None:
    row = (
        f"[...document.querySelectorAll('ivle-files tbody tr')].find(row => row.innerText.includes({json.dumps(name)}))"
    )
    page.until(f"Boolean({row})")
    page.evaluate(f"{row}.querySelector('input').click()")
    page.until(f"{row}.getAttribute('aria-selected') == 'true'")


def go_to_files(page: EditorPage, path: str) -> None:
    page.visit(f"/files/{path}")
    page.until(f"{FILES}?.listing")


def tour(page: EditorPage, visitor: EditorPage, to: Tour) -> None:
    logs_in(page, to)
    makes_a_file(page, to)
    writes_and_runs(page, to)
    serves(page, to)
    publishes(page, visitor, to)
    asks_for_input(page, to)
    deletes_and_restores(page, to)


def logs_in(page: EditorPage, to: Tour) -> None:
    page.visit("/login/")
    page.evaluate("document.querySelector('[name=username]').focus()")
    page.call("Input.insertText", text=LOGIN)
    page.evaluate("document.querySelector('[name=password]').focus()")
    page.call("Input.insertText", text=PASSWORD)
    to.show(
        "01-login", "Log in", "Type the login name and the password that your lecturer gave you, and press *Log in*."
    )
    page.press("Enter")
    page.until("location.pathname == '/' && document.readyState == 'complete'")
    to.show(
        "02-home",
        "The first page",
        "From here you go to your *Files* and your *Consoles*; both are always in the bar at the top.",
    )


def makes_a_file(page: EditorPage, to: Tour) -> None:
    page.evaluate("document.querySelector('.bar a[href^=\"/files/\"]').click()")
    page.until("document.querySelector('.files-empty')")
    to.show("03-no-files", "Your files", "Your folder is empty yet. *New folder* makes one for the assignment.")
    page.choose("New folder", "ivle-files")
    page.until("document.activeElement.matches('.files-name-field')")
    page.call("Input.insertText", text="greeting")
    page.press("Enter")
    page.until(f"{FILES}.listing.entries.length == 1 && document.activeElement.matches('tr')")
    page.press("Enter")
    page.until("location.pathname.endsWith('/greeting/') && document.querySelector('.files-empty')")
    page.evaluate(
        "[...document.querySelectorAll('.files-bar button')].find(one => one.textContent == 'New file').click()"
    )
    page.until("document.activeElement.matches('.files-name-field')")
    page.call("Input.insertText", text="index.py")
    to.show(
        "04-new-file",
        "A new file",
        "In the folder, press *New file* and type its name: `index.py` is the file that a folder shows as a web "
        "page. Enter makes it, and Enter again opens it.",
    )
    page.press("Enter")
    page.until(f"{FILES}.listing.entries.length == 1 && document.activeElement.matches('tr')")
    page.press("Enter")
    page.opened("greeting/index.py")


def writes_and_runs(page: EditorPage, to: Tour) -> None:
    write(page, WRONG)
    page.until("document.querySelector('.cm-lintRange, .cm-lint-marker')")
    to.show(
        "05-write",
        "Write",
        "While you write, ivle reads along: a mark in the margin says what looks wrong. Here a name is misspelt. "
        "Nothing is lost if the browser closes now: the text is kept as a draft.",
    )
    page.run()
    page.sees("NameError")
    page.until(f"{EDITOR}.runner.state == 'ended' && {EDITOR}.errorLink")
    to.show(
        "06-error",
        "Run",
        "*Run* (Ctrl-Enter) saves the file and runs it in the console below. Python says in its last line what "
        "went wrong; *Go to line 4* goes there.",
    )
    page.evaluate(f"{EDITOR}.errorLink.click()")
    page.until(
        f"{EDITOR}.sheet.code.view.state.doc.lineAt({EDITOR}.sheet.code.view.state.selection.main.head).number == 4"
    )
    write(page, RIGHT)
    page.run()
    page.sees("Hallo, Ada")
    page.until(f"{EDITOR}.runner.state == 'ended'")
    to.show("07-runs", "Run again", "Mended, and run again with the same keys.")


def serves(page: EditorPage, to: Tour) -> None:
    write(page, PAGE)
    page.save()
    page.state("saved")
    page.choose("Serve", "ivle-editor")
    page.until("document.querySelector('.editor-preview iframe')")
    time.sleep(2)
    to.show(
        "08-serve",
        "Serve it as a web page",
        "A program whose output begins with `Content-Type: text/html` and a blank line is a web page. *Serve* "
        "shows it beside the text; each time you save, it is loaded again.",
    )


def publishes(page: EditorPage, visitor: EditorPage, to: Tour) -> None:
    go_to_files(page, "")
    choose_row(page, "greeting")
    page.choose("More", "ivle-files")
    page.until("document.querySelector('[role=menuitem]')")
    to.show(
        "09-menu", "What can be done with a folder", "Select the folder, and *More* has all that can be done with it."
    )
    page.choose("Publish", "ivle-files")
    page.until("document.querySelector('dialog input')?.value")
    to.show(
        "10-publish",
        "Publish",
        "*Publish* shows the folder, and what is in it, to everybody. Send the address to whom you like; "
        "*Unpublish* takes it back.",
    )
    address = page.evaluate("document.querySelector('dialog input').value")
    visitor.open(address)
    visitor.until("document.querySelector('h1')?.innerText == 'Greetings'")
    to.show("11-visitor", "What a visitor sees", "The same page in a browser that is not logged in.", visitor)
    page.visit("/public/")
    for field, text in (("address", "hello"), ("folder", "greeting")):
        page.evaluate(f"document.getElementById('{field}').focus()")
        page.call("Input.insertText", text=text)
    page.press("Enter")
    page.until("document.querySelector('.note') && document.readyState == 'complete'")
    to.show(
        "12-everybody",
        "All that everybody sees",
        "The first page leads to a list of it. A folder can be shown at another address as well, say a shorter one.",
    )


def deletes_and_restores(page: EditorPage, to: Tour) -> None:
    go_to_files(page, "greeting/")
    choose_row(page, "index.py")
    page.choose("Delete", "ivle-files")
    page.until("document.querySelector('.files-notice:not([hidden])')?.innerText.includes('Undo')")
    to.show(
        "15-deleted",
        "Delete, and think again",
        "What you delete goes to the trash, where it stays for 30 days. *Undo* brings it back at once.",
    )
    page.choose("Undo", "ivle-files")
    page.until(f"{FILES}.listing?.entries.length == 1")
    page.visit("/files/greeting/?show=index.py&tab=versions")
    page.until("document.querySelector('.files-versions li:nth-child(2)')")
    page.evaluate("document.querySelector('.files-versions li:nth-child(2) button').click()")
    page.until("document.querySelector('.files-difference pre')")
    to.show(
        "16-versions",
        "An older version",
        "Each save is kept. *Compare* shows what has changed since, *Restore* brings a version back; the one "
        "before is kept as well.",
    )
    page.evaluate(
        "[...document.querySelectorAll('.files-versions li:nth-child(2) button')].find(one => one.textContent == "
        "'Restore').click()"
    )
    page.until("document.querySelector('.files-notice:not([hidden])')?.innerText.includes('is back')")
    to.show("17-restored", "Restored", "The file is as it was, and so is the page that visitors see.")


def asks_for_input(page: EditorPage, to: Tour) -> None:
    page.visit("/edit/ask.py")
    page.opened("ask.py")
    write(page, ASKS)
    page.save()
    page.state("saved")
    page.visit(f"/serve/{LOGIN}/ask.py?report")
    page.until("document.querySelector('form[action=\"/console/run\"] button')")
    to.show(
        "13-report",
        "A program that is no web page",
        "A web page cannot type, so a program that asks with `input()` ends there with an error. `?report` at the"
        " end of an address tells what happened, and *Run it in a console* runs it where it can ask.",
    )
    page.evaluate("document.querySelector('form[action=\"/console/run\"] button').click()")
    page.until("location.pathname.startsWith('/console/')")
    page.ready()
    page.sees("Who are you")
    page.type("Ada\n")
    page.sees("Hello, Ada")
    to.show(
        "14-console",
        "In a console",
        "A console is a terminal: type, and press Enter. It stays when you close the laptop.",
    )


def main() -> int:
    os.umask(0o022)
    folder = CHECKOUT / "docs" / "tour"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tour-") as temporary:
        Path(temporary).chmod(0o755)
        with (
            closing(Site(Path(temporary) / "data")) as site,
            new_student(site, Path(temporary) / "profile") as page,
            closing(EditorPage(page.browser, site, "a=b")) as visitor,
        ):
            resize(visitor)
            to = Tour(page, folder)
            tour(page, visitor, to)
            learns(page, site, to.show)
    (CHECKOUT / "docs" / "tour.md").write_text(to.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

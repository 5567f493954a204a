"""A person in a course, in a real Chromium: pages, forms, files, boxes and exercises."""

from __future__ import annotations

import json
from typing import Any

from tests.console.browser.page import CTRL
from tests.editor.browser.page import EDITOR, EditorPage
from tests.tutorial.browser.page import BoxesPage

FILES = "document.querySelector('ivle-files')"
EXERCISE = "document.querySelector('ivle-exercise')"


def quoted(text: str) -> str:
    return json.dumps(text)


class CoursePage(EditorPage, BoxesPage):
    # --- Pages and forms ---

    def follow(self, label: str) -> None:
        """A link, or a button that leads to another page."""
        self.evaluate("globalThis.isOld = true")
        self.click(label)
        self.until("!globalThis.isOld && document.readyState == 'complete'")

    def click(self, label: str) -> None:
        """What has this text, and can be seen and pressed."""
        found = (
            "[...document.querySelectorAll('main a, main button')]"
            f".find(one => one.textContent.trim() == {quoted(label)} && one.checkVisibility()"
            " && !one.disabled && !one.closest('nav'))"
        )
        self.until(f"Boolean({found})")
        self.evaluate(f"{found}.click()")

    def fill(self, name: str, value: str) -> None:
        self.evaluate(f"document.querySelector('main [name={name}]').value = {quoted(value)}")

    def reads(self, pattern: str, selector: str = "main") -> None:
        """Waits for the text anywhere in it."""
        self.until(f"new RegExp({quoted(pattern)}).test(document.querySelector({quoted(selector)})?.innerText)")

    # --- Files ---

    def go_to_folder(self, path: str) -> None:
        self.visit(f"/files/{path}")
        self.until(f"{FILES}?.listing")

    def make(self, kind: str, name: str) -> None:
        """`kind` is what the button says. Enter opens it."""
        known = self.evaluate(f"{FILES}.listing.entries.length")
        self.choose(kind, "ivle-files")
        self.until("document.activeElement.matches('.files-name-field')")
        self.call("Input.insertText", text=name)
        self.press("Enter")
        self.until(f"{FILES}.listing.entries.length == {known + 1} && document.activeElement.matches('tr')")

    def write_file(self, folder: str, name: str, text: str) -> None:
        """A new one, in the editor."""
        self.go_to_folder(folder)
        self.make("New file", name)
        self.press("Enter")
        self.opened(f"{folder}{name}")
        self.change_file(text)

    def change_file(self, text: str) -> None:
        self.replace_all(text)
        self.until(f"{EDITOR}.sheet.code.text == {quoted(text)}")
        self.save()
        self.state("saved")

    def replace_all(self, text: str) -> None:
        """In the editor that has the keyboard. Chromium gives what is typed over a selection an inline style."""
        self.press("a", CTRL)
        self.press("Delete")
        self.call("Input.insertText", text=text)

    # --- Exercises ---

    def answer(self, text: str) -> None:
        self.evaluate(f"{EXERCISE}.scrollIntoView()")
        self.until(f"{EXERCISE}.querySelector('.cm-content')")
        self.evaluate(f"{EXERCISE}.querySelector('.cm-content').focus()")
        self.replace_all(text)

    def text_of(self, selector: str) -> Any:
        return self.evaluate(f"document.querySelector({quoted(selector)}).innerText.trim()")

"""A person at the editor in a real Chromium."""

from __future__ import annotations

import json
import time
from typing import Self

from tests.cgirunner.chromium import PATIENCE_SECONDS
from tests.console.browser.page import CTRL, Page

EDITOR = "document.querySelector('ivle-editor')"


class EditorPage(Page):
    crashed = False

    def crash(self, witness: EditorPage) -> None:
        """Its process ends, without a word to anybody; the witness, another tab, waits until the browser knows."""
        tab = self.evaluate(f"{EDITOR}.drafts.presence.tab")
        self.browser.send("Page.crash", self.session, {})
        self.crashed = True
        witness.visit("/console/")
        held = "navigator.locks.query().then(({held}) => held.map(({name}) => name).join())"
        end = time.monotonic() + PATIENCE_SECONDS
        while tab in witness.wait_for(held):
            assert time.monotonic() < end

    def another(self) -> Self:
        return type(self)(self.browser, self.site, self.cookie, self)

    def edit(self, path: str, content: str | None = None) -> None:
        """Opens a file, written before by its owner, with the keyboard in its text."""
        if content is not None:
            self.site.write("student", path, content)
        self.visit(f"/edit/{path}")
        self.opened(path)

    def edit_locked(self, path: str) -> None:
        """One whose text waits for a choice."""
        self.visit(f"/edit/{path}")
        self.until(f"{EDITOR}?.sheet?.file.offer")

    def opened(self, path: str) -> None:
        self.until(f"{EDITOR}?.sheet?.path == {json.dumps(path)} && {EDITOR}.sheet.file.state == 'open'")
        self.until("document.activeElement.matches('.cm-content')")

    @property
    def code(self) -> str:
        """The text in the editor."""
        return self.evaluate(f"{EDITOR}.sheet.code.text")

    def go_to_end(self) -> None:
        self.evaluate(f"(({{code}}) => code.goTo(code.view.state.doc.lines, 1e6))({EDITOR}.sheet)")

    def state(self, name: str) -> None:
        """Waits until the file is saved, dirty, failed, ..."""
        self.until(f"document.querySelector('.editor-state').dataset.state == {json.dumps(name)}")

    def run(self) -> None:
        self.press("Enter", CTRL)

    def save(self) -> None:
        self.press("s", CTRL)

    def choose_in_menu(self, label: str) -> None:
        """Its key, which is written beside it, left out."""
        self.evaluate("document.querySelector('.editor-menu').open = true")
        chosen = (
            "[...document.querySelectorAll('.editor-menu button')]"
            f".find(one => one.firstChild.data == {json.dumps(label)} && one.checkVisibility())"
        )
        self.until(f"Boolean({chosen})")
        self.evaluate(f"{chosen}.click()")

    def is_offered(self, name: str) -> None:
        """Waits for it in the list of names that would fit."""
        labels = "[...document.querySelectorAll('.cm-tooltip-autocomplete .cm-completionLabel')]"
        self.until(f"{labels}.some(one => one.textContent == {json.dumps(name)})")

    def heard(self, words: str) -> None:
        """Waits for it in the live region."""
        self.until(f"document.querySelector('ivle-editor > [role=status]').textContent.includes({json.dumps(words)})")

    def notices(self, words: str) -> None:
        self.until(f"document.querySelector('.editor-notice')?.innerText.includes({json.dumps(words)})")

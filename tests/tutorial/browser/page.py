"""A person at a tutorial in a real Chromium."""

from __future__ import annotations

import json

from tests.console.browser.page import Page


class BoxesPage(Page):
    """What a page with boxes has, whatever else is on it."""

    def box(self, name: str) -> str:
        """JavaScript for the box with that name."""
        return f"document.querySelector('ivle-box[data-name={json.dumps(name)}]')"

    def push(self, name: str, what: str = "run") -> None:
        self.evaluate(f"{self.box(name)}.querySelector('.box-{what}').click()")

    def prints(self, name: str, pattern: str) -> None:
        """Waits for it below the box, in a console or as text."""
        console = "box.querySelector('ivle-console')?.screen?.text()"
        found = f"(box => {console} ?? box.querySelector('.box-printed')?.textContent)({self.box(name)})"
        self.until(f"new RegExp({json.dumps(pattern)}, 'm').test({found} ?? '')")

    def says(self, name: str, pattern: str) -> None:
        """Waits for it in the status of the box."""
        status = f"{self.box(name)}.querySelector('.box-status').textContent"
        self.until(f"new RegExp({json.dumps(pattern)}).test({status})")

    def click_into(self, name: str) -> None:
        """Into the end of the first line of its code, by the mouse."""
        place = self.until(
            f"(code => (code.scrollIntoView({{block: 'center'}}), "
            "(box => [box.right - 30, box.top + 20])(code.getBoundingClientRect())))"
            f"({self.box(name)}.querySelector('.box-code, .cm-content'))"
        )
        event = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **event)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **event)
        self.until(
            f"{self.box(name)}.contains(document.activeElement) && document.activeElement.matches('.cm-content')"
        )


class TutorialPage(BoxesPage):
    def read(self, name: str) -> None:
        self.visit(f"/courses/python/{name}/")
        self.until("Boolean(customElements.get('ivle-box'))")

    def choose_in_menu(self, name: str, doing: str) -> None:
        self.evaluate(f"{self.box(name)}.querySelector('[data-doing={doing}]').click()")

    def code(self, name: str) -> str:
        """The text in the box."""
        return self.evaluate(
            "(box => [...box.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n')"
            f" || box.querySelector('.box-code').textContent)({self.box(name)})"
        )

    def answer(self, label: str) -> None:
        """A button of the window that is open."""
        self.choose(label, "dialog")

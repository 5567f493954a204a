"""A person at a console in a real Chromium: what they type, press and see."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import axe_core_python

from tests.cgirunner.chromium import Chromium, Tab
from tests.cgirunner.whole_site import Site

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
# Before anything else on each page: what the policy forbade, and what was thrown.
WATCH = """
addEventListener("securitypolicyviolation", event => fault(`${event.violatedDirective} ${event.blockedURI}`));
addEventListener("error", event => fault(event.message));
addEventListener("unhandledrejection", event => fault(String(event.reason)));
"""
CONSOLE = "document.querySelector('ivle-console')"
ALT, CTRL, SHIFT = 1, 2, 8
KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, "\t"),
    "Escape": ("Escape", 27, ""),
    "Backspace": ("Backspace", 8, ""),
    "F6": ("F6", 117, ""),
    "F8": ("F8", 119, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "Home": ("Home", 36, ""),
    "End": ("End", 35, ""),
    "Delete": ("Delete", 46, ""),
    "F2": ("F2", 113, ""),
    "F10": ("F10", 121, ""),
    " ": ("Space", 32, " "),
    "1": ("Digit1", 49, "1"),
}


class Page(Tab):
    """A browser of somebody who is logged in, with one page in it."""

    def __init__(self, browser: Chromium, site: Site, cookie: str, beside: Tab | None = None) -> None:
        super().__init__(browser, beside)
        self.site = site
        self.cookie = cookie
        self.address = f"http://localhost:{site.port}"
        self.questions: list[str] = []  # that the browser has asked; each is answered with yes
        self.faults: list[str] = []  # what the strict policy forbade, and what was thrown, on any page so far
        name, _, value = cookie.partition("=")
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Runtime.addBinding", name="fault")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.call("Network.setCookie", name=name, value=value, url=self.address, sameSite="Lax", httpOnly=True)

    def on_event(self, event: dict[str, Any]) -> None:
        if event["method"] == "Page.javascriptDialogOpening":
            self.questions.append(event["params"]["type"])
            self.browser.send("Page.handleJavaScriptDialog", self.session, {"accept": True})
        elif event["method"] == "Runtime.bindingCalled":
            self.faults.append(event["params"]["payload"])

    # --- Pages ---

    def start(self, program: str = "python") -> None:
        """A new console, by the button of the list."""
        self.visit("/console/")
        self.press_button(f"button[value={program}]")
        self.ready()

    def visit(self, path: str) -> None:
        self.open(self.address + path)
        self.until(f"document.readyState == 'complete' && location.href.endsWith({json.dumps(path)})")

    def reload(self) -> None:
        self.evaluate("globalThis.isOld = true; location.reload()")
        self.until("!globalThis.isOld && document.readyState == 'complete'")

    def block_sockets(self) -> None:
        """As a proxy may, from the next page on."""
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            source="globalThis.WebSocket = class {"
            "constructor() { setTimeout(() => this.onclose({code: 1006})) }"
            "close() {}"
            "}",
        )

    def ready(self) -> None:
        """Connected, with the keyboard in the terminal."""
        self.until(f"{CONSOLE}?.welcome && {CONSOLE}.connection.state.name == 'connected'")
        self.until("document.activeElement.classList.contains('xterm-helper-textarea')")

    def evaluate(self, expression: str) -> Any:
        """None while the page is being left for another one."""
        try:
            return super().evaluate(expression)
        except AssertionError as fault:
            if "navigated" in str(fault) or "Cannot find context" in str(fault):
                return None
            raise

    def until(self, expression: str) -> Any:
        """As there; an element is true too, though it has no value to bring here."""
        return super().until(f"(found => found instanceof Node || found)({expression})")

    def wait_for(self, promise: str) -> Any:
        """What the promise gives."""
        answer = self.call("Runtime.evaluate", expression=promise, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    @property
    def path(self) -> str:
        return self.evaluate("location.pathname")

    # --- Hands ---

    def press(self, key: str, modifiers: int = 0) -> None:
        code, number, text = KEYS.get(key) or (f"Key{key.upper()}", ord(key.upper()), key)
        event: dict[str, Any] = {
            "key": key,
            "code": code,
            "modifiers": modifiers,
            "windowsVirtualKeyCode": number,
        }
        if text and not modifiers & (ALT | CTRL):
            event["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{**event, "text": ""})

    def type(self, text: str) -> None:
        """Character by character; a newline is Enter, a tab is Tab."""
        for character in text:
            if character in "\n\t":
                self.press("Enter" if character == "\n" else "Tab")
            else:
                self.call("Input.dispatchKeyEvent", type="char", text=character)

    def press_button(self, selector: str) -> None:
        quoted = json.dumps(selector)
        self.until(f"document.querySelector({quoted})")
        self.evaluate(f"document.querySelector({quoted}).click()")

    def choose(self, label: str, inside: str = "ivle-console") -> None:
        """The visible button with this label."""
        chosen = (
            f"[...document.querySelectorAll({json.dumps(inside + ' button')})]"
            f".find(one => one.textContent == {json.dumps(label)} && one.checkVisibility())"
        )
        self.until(f"Boolean({chosen})")
        self.evaluate(f"{chosen}.click()")

    # --- Eyes ---

    @property
    def text(self) -> str:
        """All that is in the terminal."""
        return self.evaluate(f"{CONSOLE}.screen.text()")

    def sees(self, pattern: str) -> str:
        """Waits for it in the terminal."""
        self.until(f"new RegExp({json.dumps(pattern)}, 'm').test({CONSOLE}?.screen?.text() ?? '')")
        return self.text

    def strip_says(self, pattern: str) -> None:
        """Waits for it in the strip."""
        self.until(f"new RegExp({json.dumps(pattern)}).test(document.querySelector('.console-strip')?.innerText)")

    def check_axe(self) -> None:
        self.evaluate(AXE)
        found = self.wait_for(
            "axe.run().then(found => found.violations.map("
            "one => [one.id, one.help, one.nodes.map(node => node.html.slice(0, 200))]))"
        )
        assert found == []

    def number_of_lines(self, pattern: str) -> int:
        return len(re.findall(pattern, self.text, flags=re.MULTILINE))

"""A person at a console in a real Chromium: what they type, press and see."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import axe_core_python

from tests.cgirunner.chromium import Chromium
from tests.cgirunner.whole_site import Site

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
# Before anything else on each page: what the policy forbade, and what was thrown.
WATCH = """
globalThis.faults = [];
addEventListener("securitypolicyviolation", event => faults.push(`${event.violatedDirective} ${event.blockedURI}`));
addEventListener("error", event => faults.push(event.message));
addEventListener("unhandledrejection", event => faults.push(String(event.reason)));
"""
CONSOLE = "document.querySelector('ivle-console')"
ALT, CTRL, SHIFT = 1, 2, 8
ANSWERS_FROM = 1_000_000  # ids that no call has
KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, "\t"),
    "Escape": ("Escape", 27, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
}


class Page(Chromium):
    """One Chromium with one page in it, in which somebody is logged in."""

    def __init__(self, site: Site, profile: Path, person: str = "student") -> None:
        self.questions: list[str] = []  # that the browser has asked; each is answered with yes
        super().__init__(str(PROGRAM), profile)
        self.site = site
        self.address = f"http://localhost:{site.port}"
        name, _, value = site.log_in(person).partition("=")
        self.call("Page.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.call("Network.setCookie", name=name, value=value, url=self.address, sameSite="Lax", httpOnly=True)

    def receive(self) -> dict[str, Any]:
        message = super().receive()
        if message.get("method") == "Page.javascriptDialogOpening":
            self.questions.append(message["params"]["type"])
            answer = {
                "id": ANSWERS_FROM + len(self.questions),
                "method": "Page.handleJavaScriptDialog",
                "params": {"accept": True},
                "sessionId": self.session,
            }
            os.write(self.commands, json.dumps(answer).encode() + b"\0")
        return message

    # --- Pages ---

    def start(self, program: str = "python") -> None:
        """A new console, by the button of the list."""
        self.visit("/console/")
        self.press_button(f"button[value={program}]")
        self.ready()

    def visit(self, path: str) -> None:
        self.open(self.address + path)
        self.until(f"document.readyState == 'complete' && location.href.endsWith({json.dumps(path)})")

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

    @property
    def path(self) -> str:
        return self.evaluate("location.pathname")

    @property
    def faults(self) -> list[str]:
        return self.evaluate("faults")

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
        answer = self.call(
            "Runtime.evaluate",
            expression="axe.run().then(found => JSON.stringify(found.violations.map("
            "one => [one.id, one.help, one.nodes.map(node => node.html.slice(0, 200))])))",
            awaitPromise=True,
            returnByValue=True,
        )
        assert json.loads(answer["result"]["value"]) == []

    def number_of_lines(self, pattern: str) -> int:
        return len(re.findall(pattern, self.text, flags=re.MULTILINE))

"""Somebody without an account at a page with shells, in a real Chromium; and what is in the frames there."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.cgirunner.chromium import LOOKS_AGAIN_SECONDS, PATIENCE_SECONDS, Chromium
from tests.cgirunner.whole_site import Site
from tests.console.browser.page import WATCH, Page

GUEST = "document.querySelector('ivle-guest')"
ELEMENT = "document.querySelectorAll('ivle-shell')[{}]"


class Visitor(Page):
    """A page of any site, and the frames in it: a frame of another origin is a target of its own (OOPIF)."""

    def __init__(self, browser: Chromium, site: Site) -> None:
        self.frames: list[Frame] = []
        super().__init__(browser, site, "nobody=x")
        self.call("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    def on_event(self, event: dict[str, Any]) -> None:
        if event["method"] == "Target.attachedToTarget":
            self.frames.append(Frame(self, event["params"]["sessionId"], event["params"]["targetInfo"]["targetId"]))
        elif event["method"] == "Target.detachedFromTarget":
            gone = event["params"]["sessionId"]
            self.browser.listeners.pop(gone, None)
            self.frames = [frame for frame in self.frames if frame.session != gone]
        else:
            super().on_event(event)

    def launch(self, number: int = 0) -> Frame:
        """Presses the button of one of the elements, and is in its frame when there is a prompt."""
        self.until(f"!{ELEMENT.format(number)}.button.hidden")
        before = len(self.frames)
        self.evaluate(f"{ELEMENT.format(number)}.button.click()")
        self.wait(lambda: len(self.frames) > before, "a frame")
        frame = self.frames[-1]
        frame.sees(r"^>>> ?$")
        return frame

    def wait(self, condition: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"never {what}"
            self.evaluate("1")  # events are heard with answers
            time.sleep(LOOKS_AGAIN_SECONDS)

    def close(self) -> None:
        for frame in self.frames:
            self.browser.listeners.pop(frame.session, None)
        super().close()


class Frame(Page):
    """The page in a frame, driven like a page."""

    def __init__(self, around: Visitor, session: str, target: str) -> None:
        # No window of its own: what a Tab's and a Page's constructor set up is the page's around it.
        self.around = around
        self.browser = around.browser
        self.session = session
        self.target = target
        self.site = around.site
        self.faults = around.faults
        self.questions = around.questions
        self.browser.listeners[session] = self.on_event
        for method, parameters in (
            ("Runtime.enable", {}),
            ("Page.enable", {}),
            ("Runtime.addBinding", {"name": "fault"}),
            ("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH}),
            ("Runtime.runIfWaitingForDebugger", {}),
        ):
            self.browser.send(method, session, parameters)  # not called: an answer would be waited for within an event

    @property
    def text(self) -> str:
        return self.evaluate(f"{GUEST}.screen.text()")

    def sees(self, pattern: str) -> str:
        self.until(f"new RegExp({json.dumps(pattern)}, 'm').test({GUEST}?.screen?.text() ?? '')")
        return self.text

    def says(self, pattern: str) -> None:
        """Anywhere on the page."""
        self.until(f"new RegExp({json.dumps(pattern)}).test(document.body.innerText)")

    def type(self, text: str) -> None:
        self.until("document.activeElement.classList.contains('xterm-helper-textarea')")
        super().type(text)

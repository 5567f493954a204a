"""A real Chromium, driven over the pipe it offers (DevTools protocol, one JSON object ended by NUL per message)."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30
LOOKS_AGAIN_SECONDS = 0.01

# The protocol is spoken on descriptors 3 and 4.
ON_3_AND_4 = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
LEFT = ("Inspected target navigated or closed", "Execution context was destroyed.")
# Several windows at once: none of them sleeps because another is in front of it.
ALL_AWAKE = (
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


class PageLeft(Exception):
    """The page that was asked has made room for another before it could answer."""


class Chromium:
    """The program and its pipe. What is seen and done is a Tab's."""

    def __init__(self, program: str, profile: Path) -> None:
        its_input, self.commands = os.pipe()
        self.events, its_output = os.pipe()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", *ALL_AWAKE]
        arguments.append(f"--user-data-dir={profile}")
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_3_AND_4, str(its_input), str(its_output), program, *arguments, "about:blank"],
            pass_fds=(its_input, its_output),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        self.received = b""
        self.number = 0
        self.listeners: dict[str, Callable[[dict[str, Any]], None]] = {}  # to what happens by itself, by session

    def send(self, method: str, session: str, parameters: dict[str, Any]) -> int:
        """Its number; the answer has the same."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        return self.number

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        number = self.send(method, session, parameters)
        while True:
            message = self.receive()
            if message.get("id") == number:
                if message.get("error", {}).get("message") in LEFT:
                    raise PageLeft
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            if "method" in message and (listener := self.listeners.get(message.get("sessionId", ""))):
                listener(message)

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.received:
            assert select.select([self.events], [], [], PATIENCE_SECONDS)[0], "Chromium says nothing"
            chunk = os.read(self.events, 65536)
            assert chunk, "Chromium has ended"
            self.received += chunk
        message, _, self.received = self.received.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def close(self) -> None:
        os.close(self.commands)
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.events)


class Tab:
    """One page in a window of its own. It shares nothing with other tabs: cookies, storage and cache are its own.
    Opened beside another tab, it is a second one in the same browser."""

    def __init__(self, browser: Chromium, beside: Tab | None = None) -> None:
        self.browser = browser
        self.beside = beside
        self.context: str = (
            beside.context if beside else browser.call("Target.createBrowserContext")["browserContextId"]
        )
        self.target = browser.call(
            "Target.createTarget", url="about:blank", browserContextId=self.context, newWindow=True
        )["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.listeners[self.session] = self.on_event
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def on_event(self, event: dict[str, Any]) -> None:
        """What the page did by itself."""

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **parameters)

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def evaluate_if_there(self, expression: str) -> Any:
        """None while one page makes room for the next."""
        try:
            return self.evaluate(expression)
        except PageLeft:
            return None

    def until(self, expression: str) -> Any:
        """What the expression gives once that is true of the page."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (value := self.evaluate_if_there(expression)):
            assert time.monotonic() < end, self.evaluate("location.href + ' ' + document.documentElement.outerHTML")
            time.sleep(LOOKS_AGAIN_SECONDS)
        return value

    def close(self) -> None:
        del self.browser.listeners[self.session]
        if self.beside:
            self.browser.call("Target.closeTarget", targetId=self.target)
        else:
            self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)

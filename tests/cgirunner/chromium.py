"""A real Chromium, driven over the pipe it offers (DevTools protocol, one JSON object ended by NUL per message)."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30

# The protocol is spoken on descriptors 3 and 4.
ON_3_AND_4 = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Chromium:
    def __init__(self, program: str, profile: Path) -> None:
        its_input, self.commands = os.pipe()
        self.events, its_output = os.pipe()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
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
        self.session = ""
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        except BaseException:
            self.close()
            raise

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.received:
            assert select.select([self.events], [], [], PATIENCE_SECONDS)[0], "Chromium says nothing"
            chunk = os.read(self.events, 65536)
            assert chunk, "Chromium has ended"
            self.received += chunk
        message, _, self.received = self.received.partition(b"\0")
        return json.loads(message)

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str) -> Any:
        """What the expression gives once that is true of the page."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < end, self.evaluate("location.href + ' ' + document.documentElement.outerHTML")
        return value

    def close(self) -> None:
        os.close(self.commands)
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.events)

"""The socket by which `manage.py reload` asks a running `up`, which hears it between two steps of its steward.

One line is asked: `reload`, or `reload everything`. Sentences come back, and `done` or `failed` as the last line.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ivle.child import Child
from ivle.steward import Steward, say

NAME: Final = "up.sock"
QUESTION_MAX_BYTES: Final = 100
RELOAD, EVERYTHING = "reload", "reload everything"
DONE, FAILED = "done", "failed"


class Control:
    """`before_gap` tells people of a replacement that they notice, and gives how long to wait then."""

    def __init__(self, place: Path, steward: Steward, before_gap: Callable[[], float]) -> None:
        self.place = place
        self.steward = steward
        self.before_gap = before_gap
        place.unlink(missing_ok=True)  # of one that was killed: `up` has its lock
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.door.bind(str(place))
        self.door.listen()
        self.door.setblocking(False)
        steward.selector.register(self.door, selectors.EVENT_READ, self.on_caller)

    def on_caller(self) -> None:
        with contextlib.suppress(BlockingIOError):
            caller, _ = self.door.accept()
            caller.setblocking(False)
            self.steward.selector.register(caller, selectors.EVENT_READ, lambda: self.on_question(caller))

    def on_question(self, caller: socket.socket) -> None:
        try:
            question = caller.recv(QUESTION_MAX_BYTES).decode(errors="replace").strip()
        except BlockingIOError:
            return
        except OSError:
            question = ""
        self.steward.selector.unregister(caller)
        answer = Answer(caller)
        children = self.children_of(question)
        if question == EVERYTHING and not self.has_supervisor():
            answer.tell("The supervisor is not one of these processes: systemctl restart ivle-supervisor.")
            answer.end(False)
        elif not children:
            answer.end(False)
        elif not self.steward.renew(children, answer.tell, answer.end, self.before_gap):
            answer.tell("ivle is being replaced or ended already.")
            answer.end(False)

    def children_of(self, question: str) -> Sequence[Child]:
        if question == RELOAD:
            return [child for child in self.steward.children if child.overlaps]
        return self.steward.children if question == EVERYTHING else ()

    def has_supervisor(self) -> bool:
        """It alone cannot overlap with itself."""
        return not all(child.overlaps for child in self.steward.children)

    def close(self) -> None:
        self.door.close()
        self.place.unlink(missing_ok=True)


class Answer:
    """To whoever asked, who may have gone; and to the terminal of `up`."""

    def __init__(self, caller: socket.socket) -> None:
        self.caller = caller

    def tell(self, sentence: str) -> None:
        say(sentence)
        self.send(sentence)

    def end(self, well: bool) -> None:
        self.send(DONE if well else FAILED)
        self.caller.close()

    def send(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self.caller.send(f"{line}\n".encode())

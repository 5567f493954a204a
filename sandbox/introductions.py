"""Tells those who watch a console of each other: at once, and then not so often that it would keep everybody busy.

Each time is as many messages as there are watchers, each as long as there are watchers. Used by session.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.watcher import Watcher

PAUSE_SECONDS = 0.004  # for each of them


class Introductions:
    def __init__(self, watchers: Mapping[str, Watcher]) -> None:
        self.watchers = watchers
        self.timer: asyncio.TimerHandle | None = None
        self.are_due = False

    def make(self) -> None:
        """Now, or together with others that come meanwhile."""
        self.are_due = True
        if self.timer is None:
            self.go_on()

    def go_on(self) -> None:
        self.timer = None
        if self.are_due:
            self.are_due = False
            pause_seconds = PAUSE_SECONDS * len(self.watchers)
            self.timer = asyncio.get_running_loop().call_later(pause_seconds, self.go_on)
            content = {"watchers": [watcher.info().as_message() for watcher in self.watchers.values()]}
            for watcher in list(self.watchers.values()):
                watcher.tell("watchers", content)

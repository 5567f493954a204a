"""How often watchers are told of each other, however often that changes."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.introductions import Introductions
from sandbox.session_info import WatcherInfo


class FakeWatcher:
    def __init__(self) -> None:
        self.drives = False
        self.told: list[bool] = []
        self.is_told_last = asyncio.Event()

    def info(self) -> WatcherInfo:
        return WatcherInfo("page", "student", self.drives)

    def tell(self, kind: str, content: dict[str, Any]) -> None:
        self.told.append(content["watchers"][0]["drives"])
        if self.drives:
            self.is_told_last.set()


async def test_at_once_and_then_the_last_of_many() -> None:
    watcher = FakeWatcher()
    watchers: dict[str, Any] = {"page": watcher}
    introductions = Introductions(watchers)
    for _ in range(1000):
        introductions.make()
    assert watcher.told == [False]
    watcher.drives = True
    introductions.make()
    await watcher.is_told_last.wait()
    assert watcher.told == [False, True]

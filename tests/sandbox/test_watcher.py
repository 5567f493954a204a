"""A page that leaves: what it said before is done, whatever it has not read."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sandbox import packets
from sandbox.displays import Budget, Displays
from sandbox.scrollback import Scrollback
from sandbox.watcher import Watcher


class FakeSession:
    """Its page has the keyboard."""

    def __init__(self) -> None:
        self.scrollback = Scrollback()
        self.displays = Displays(Budget())
        self.driver: Any = None
        self.heard: list[Any] = []

    def type(self, watcher: Watcher, offset: int, data: bytes) -> None:
        self.heard.append(data)

    def interrupt(self) -> None:
        self.heard.append("interrupt")

    def detach(self, watcher: Watcher) -> None:
        self.heard.append("left")
        watcher.close()


@pytest.mark.parametrize("is_told_more", [False, True])
async def test_what_it_said_last_is_heard(is_told_more: bool) -> None:
    """Also where the supervisor notices first that nobody reads what it sends."""
    session: Any = FakeSession()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    watcher = session.driver = Watcher(ours, session, "page", "student", 0)
    watcher.tell("watchers", {"watchers": []})
    theirs.send(packets.pack(packets.INPUT, 0, b"last words"))
    theirs.send(packets.pack_control("interrupt", {}))
    theirs.close()
    if is_told_more:
        watcher.tell("size", {"rows": 1, "columns": 1})
    watcher.on_readable()
    assert session.heard == [b"last words", "interrupt", "left"]

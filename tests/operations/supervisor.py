"""A supervisor that runs nothing and answers what a test wants answered."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import socket
import threading
from typing import Any, Self

from sandbox import wire
from sandbox.client import sealed_bytes
from sandbox.counts import Counts

STATUS: dict[str, Any] = {
    "kind": "status",
    "tier": "exact",
    "running": 0,
    "waiting": 0,
    "waiting_for_memory": 0,
    "services": 0,
    "spares": 8,
    "supervisor_pid": 1,
    "zygote_pid": 2,
    "forks": 3,
    "sessions": 0,
    "ended_sessions": 0,
    "watchers": 0,
    "consoles": {
        name: {"spares": 2, "zygote_pid": pid, "zygote_deaths": 0} for name, pid in (("python", 2), ("ipython", 3))
    },
}
USAGE: dict[str, Any] = {
    "boot": "one",
    "people": {},
    "cpu_seconds_by_kind": {"student": 0.0},
    "memory_available_bytes": 1 << 30,
    "load": 0.5,
}


class AnsweringSupervisor:
    """`answer` is the status, None: it never answers. `asked` is what it was asked."""

    def __init__(self, settings: Any) -> None:
        self.path = settings.IVLE_SANDBOX_SOCKET
        for folder in (self.path.parent, settings.IVLE_HOMES):
            folder.mkdir(exist_ok=True)
        self.counts = Counts()
        self.answer: dict[str, Any] | None = copy.deepcopy(STATUS)
        self.usage = copy.deepcopy(USAGE)
        self.recent: list[dict[str, Any]] = []
        self.owners: dict[str, dict[str, int]] = {}
        self.sessions: list[dict[str, Any]] = []
        self.run: dict[str, Any] | None = None  # the answer to a job; None: it never ends
        self.asked: list[dict[str, Any]] = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(os.fspath(self.path))
        self.listener.listen(64)
        self.unanswered: list[socket.socket] = []
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for connection in self.unanswered:
            connection.close()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        message, descriptors = wire.receive(connection)
        wire.close_all(descriptors)
        if message is None or self.answer is None:
            self.unanswered.append(connection)
            return
        self.asked.append(message)
        if message["kind"] == "run" and self.run is None:
            self.unanswered.append(connection)
            return
        memory = []
        if message["kind"] == "usage":
            memory = [sealed_bytes("usage", json.dumps(self.usage).encode())]
        wire.send(connection, self.reply(message), memory)
        wire.close_all(memory)
        connection.close()

    def reply(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self.answer is not None
        replies: dict[str, dict[str, Any]] = {
            "status": {**self.answer, "counts": self.counts.as_message()},
            "usage": {"kind": "usage"},
            "recent": {"kind": "recent", "recent": self.recent},
            "owners": {"kind": "owners", "owners": self.owners},
            "list": {"kind": "list", "sessions": self.sessions, "after": None},
            "end_owner": {"kind": "done", "ended": 2},
            "standings": {"kind": "done"},
            "run": self.run or {},
        }
        return replies[message["kind"]]

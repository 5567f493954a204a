"""A stand-in for the supervisor: speaks its protocol on a real socket and runs programs with no jail around them.

For tests of what cgirunner does with a program's output. Tests of the jail itself use the real one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sandbox import wire
from sandbox.job import Work
from sandbox.outcome import Ended, Outcome


class FakeSupervisor:
    """`answer` is sent in place of running anything; `ended` is how a program that was run is said to have ended."""

    def __init__(self, socket_path: Path, homes: Path) -> None:
        self.homes = homes
        self.answer: dict[str, Any] | None = None
        self.ended: Ended | None = None
        self.vanishes = False
        self.jobs: list[Work] = []
        self.headers: list[dict[str, Any]] = []
        self.running = 0
        self.counting = threading.Lock()
        self.idle = threading.Event()
        self.idle.set()
        self.stops: list[str] = []
        socket_path.parent.mkdir(parents=True, exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(os.fspath(socket_path))
        self.listener.listen(64)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    @property
    def environ(self) -> dict[str, str]:
        """Of the last program."""
        return self.jobs[-1].environ

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with self.counting:
            self.idle.clear()
            self.running += 1
        try:
            message, descriptors = wire.receive(connection)
            assert message is not None
            self.headers.append(message)
            with os.fdopen(descriptors[3], "rb", closefd=False) as payload:
                self.jobs.append(Work.from_payload(payload.read()))
            if self.answer is None:
                self.run(connection, self.jobs[-1], descriptors[:3])
            for descriptor in descriptors:
                os.close(descriptor)
            if self.answer is not None and not self.vanishes:
                wire.send(connection, self.answer)
        except OSError:
            pass
        finally:
            connection.close()
            with self.counting:
                self.running -= 1
                if not self.running:
                    self.idle.set()

    def run(self, connection: socket.socket, job: Work, descriptors: list[int]) -> None:
        place = lambda path: str(self.homes) + path.removeprefix("/home")  # noqa: E731
        started = time.monotonic()
        program = subprocess.Popen(
            [sys.executable, *map(place, job.argv)],
            stdin=descriptors[0],
            stdout=descriptors[1],
            stderr=descriptors[2],
            cwd=place(job.directory),
            env={**job.environ, "PYTHONUNBUFFERED": "1", "PATH": os.environ["PATH"]},
            start_new_session=True,
        )
        why = threading.Thread(target=self.watch, args=(connection, program), daemon=True)
        why.start()
        status = program.wait()
        ended = self.ended or (Ended(self.stops[-1]) if self.stops and status == -signal.SIGKILL else Ended.FINISHED)
        if status < 0 and ended is Ended.FINISHED:
            ended = Ended.CRASHED
        outcome = Outcome(
            ended,
            status if status >= 0 else None,
            -status if status < 0 else None,
            cpu_seconds=0.0123,
            wall_seconds=time.monotonic() - started,
            memory_bytes=10_000_000,
        )
        if not self.vanishes:
            wire.send(connection, {"kind": "ended", "outcome": outcome.as_message()})
        connection.shutdown(socket.SHUT_RDWR)
        why.join()

    def watch(self, connection: socket.socket, program: subprocess.Popen[bytes]) -> None:
        message, _ = wire.receive(connection)
        if message is not None:
            self.stops.append(message["why"])
        elif program.poll() is None:
            self.stops.append("killed")
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)

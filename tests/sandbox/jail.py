"""Runs programs in a jail and tells what came of them, for the tests of the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox import client, syscalls
from sandbox.environments import STANDARD
from sandbox.job import Job
from sandbox.limits import CGI, Limits
from sandbox.outcome import Ended, Outcome
from sandbox.syscall_table import ALLOWED, REFUSED
from tests.sandbox.installation import Installation

PATIENCE_SECONDS = 30.0  # beyond the wall clock of every run here: only a test that fails meets it
PIECE_BYTES = 1 << 16
WAIT = "print('up', flush=True)\ninput()\nprint('lived')"
TOOLBOX = (Path(__file__).parent / "toolbox.py").read_text()
NUMBERS = json.dumps(ALLOWED[syscalls.MACHINE] | REFUSED[syscalls.MACHINE])
QUICK = replace(CGI, cpu_seconds=0.3)  # where the test is not about the number
LONG = replace(CGI, wall_seconds=100.0)
ROOMY = replace(CGI, cpu_seconds=20.0, wall_seconds=25.0)  # for what takes a while on a busy machine


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode()

    @property
    def value(self) -> Any:
        """What the program told with toolbox.tell, the last if it told more."""
        assert self.outcome.ended is Ended.FINISHED, (self.outcome, self.stderr.decode())
        assert self.outcome.exit_status == 0, self.stderr.decode()
        return json.loads(self.stdout.splitlines()[-1])


class Stream:
    """Reads a pipe until its end, so that nobody waits for us."""

    def __init__(self, most_bytes: int | None = None) -> None:
        self.ours, self.theirs = os.pipe()
        self.most_bytes = most_bytes
        self.content = bytearray()
        self.has_ended = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.read, daemon=True)

    def start(self) -> None:
        """`theirs` has been given away."""
        os.close(self.theirs)
        self.thread.start()

    def read(self) -> None:
        while piece := os.read(self.ours, PIECE_BYTES):
            with self.changed:
                self.content += piece
                self.changed.notify_all()
            if self.most_bytes is not None and len(self.content) >= self.most_bytes:
                break
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def wait_for(self, text: bytes) -> bytes:
        with self.changed:
            arrived = self.changed.wait_for(lambda: text in self.content or self.has_ended, PATIENCE_SECONDS)
            assert arrived, "nothing came"
            assert text in self.content, bytes(self.content)
            return bytes(self.content)

    def wait_for_end(self) -> bytes:
        """All who held the pipe have let go of it: they are dead, or never had it."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.has_ended, PATIENCE_SECONDS), "the pipe is still held open"
        self.thread.join()
        return bytes(self.content)

    def close(self) -> None:
        if self.thread.is_alive():
            self.thread.join(PATIENCE_SECONDS)
        if not self.thread.is_alive():  # else somebody still holds it; the test has failed or is about to
            os.close(self.ours)


class Loop:
    """An event loop in a thread of its own, for tests that are not coroutines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def submit(self, coroutine: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class Running:
    """One program under way."""

    def __init__(
        self, loop: Loop, installation: Installation, job: Job, stdin: bytes | int | None, most_bytes: int | None
    ) -> None:
        self.stdout, self.stderr = Stream(most_bytes), Stream()
        read_end, self.stdin = os.pipe()
        given = stdin if isinstance(stdin, int) else read_end
        self.run = client.start(installation.socket, job, given, self.stdout.theirs, self.stderr.theirs)
        os.close(read_end)
        for stream in (self.stdout, self.stderr):
            stream.start()
        self.future = loop.submit(self.run.outcome())
        if stdin is not None:
            if isinstance(stdin, bytes):
                self.send(stdin)
            self.close_stdin()

    def send(self, content: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended without reading
            os.write(self.stdin, content)

    def close_stdin(self) -> None:
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def wait_for(self, text: bytes) -> bytes:
        """Until the program has printed it."""
        return self.stdout.wait_for(text)

    def outcome(self) -> Outcome:
        """Raises what the client raises."""
        outcome = self.future.result(PATIENCE_SECONDS)
        assert isinstance(outcome, Outcome)
        return outcome

    def result(self) -> Result:
        try:
            outcome = self.outcome()
            return Result(outcome, self.stdout.wait_for_end(), self.stderr.wait_for_end())
        finally:
            self.close()

    def stop(self, why: Ended = Ended.KILLED) -> None:
        self.run.stop(why)

    def close(self) -> None:
        self.close_stdin()
        self.run.close()
        for stream in (self.stdout, self.stderr):
            stream.close()


class Jail:
    """A person with a home, and the programs that this person runs."""

    def __init__(self, loop: Loop, installation: Installation, prefix: str = "student") -> None:
        self.loop = loop
        self.installation = installation
        self.owner, self.home = installation.add_home(prefix)
        self.write("toolbox.py", TOOLBOX)
        self.write("numbers.json", NUMBERS)

    @property
    def home_inside(self) -> str:
        return f"/home/{self.owner}"

    def beside(self, prefix: str = "classmate") -> Jail:
        """Somebody else on the same installation."""
        return Jail(self.loop, self.installation, prefix)

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of this person's."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if os.geteuid() == 0:
            os.chown(path, self.installation.jail_id, self.installation.jail_id)
            for folder in path.relative_to(self.home).parents:
                os.chown(self.home / folder, self.installation.jail_id, self.installation.jail_id)
        return path

    def begin(
        self,
        code: str | bytes,
        *,
        stdin: bytes | int | None = None,
        files: Mapping[str, str | bytes] | None = None,
        limits: Limits = CGI,
        environ: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        name: str = "program.py",
        most_bytes: int | None = None,
        file_bytes: int | None = None,
        notice: str = "",
        environment: str = STANDARD,
    ) -> Running:
        """Start a program. `stdin` as a number is a descriptor to hand over; None keeps standard input open for `send`.

        After `most_bytes` of output nobody reads on.
        """
        for file, content in (files or {}).items():
            self.write(file, content)
        self.write(name, textwrap.dedent(code) if isinstance(code, str) else code)
        job = Job(
            owner=self.owner,
            argv=(f"{self.home_inside}/{name}", *arguments),
            directory=self.home_inside,
            limits=limits,
            environ=environ or {},
            file_bytes=file_bytes,
            notice=notice,
            environment=environment,
        )
        return Running(self.loop, self.installation, job, stdin, most_bytes)

    def run(self, code: str | bytes, *, stdin: bytes | int = b"", **others: Any) -> Result:
        """A program from its start to its end."""
        return self.begin(code, stdin=stdin, **others).result()

    def ask(self, code: str, **others: Any) -> Any:
        """What a program told with toolbox.tell; it must have ended well."""
        return self.run(code, **others).value


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gave when it first was true: events of other processes that tell nobody."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if value := condition():
                return value
        time.sleep(0.02)
    raise AssertionError(f"never {what}")

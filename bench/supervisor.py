"""A supervisor for the parts that measure the jail: started in a temporary folder, asked through sandbox.client.

Used by jail.py, precision.py and endurance.py, and the only place where they meet the sandbox.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.peers import unprivileged_user
from bench.server import START_MAX_SECONDS, NotStarted, running, said
from bench.settings import Settings
from sandbox import client
from sandbox.faults import SandboxError
from sandbox.job import Job
from sandbox.limits import CGI, Limits
from sandbox.outcome import Outcome

PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).resolve().parent.parent
OWNER = "student"
FIRST_BYTE_MAX_SECONDS = 15.0
READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Timed:
    """One run, as its caller saw it. Moments are seconds after the request."""

    first_byte: float  # of output, or its end where there was none
    ended: float  # the outcome was known
    asked_ns: int  # on the clock that jails share with us
    output: bytes
    outcome: Outcome


@dataclass(frozen=True)
class Supervisor:
    pid: int
    socket: Path

    def add_home(self, owner: str) -> None:
        """For a person beside the usual one."""
        make_home(self.socket.parent, owner)

    @contextlib.contextmanager
    def begun(
        self, program: str, *arguments: str, limits: Limits = CGI, owner: str = OWNER
    ) -> Iterator[tuple[client.Run, int]]:
        """A run under way and the reading end of its output. Leaving ends both. Raises SandboxError."""
        home = f"/home/{owner}"
        job = Job(owner, (f"{home}/{program}", *arguments), home, limits)
        stdin = os.open(os.devnull, os.O_RDONLY)
        output, to_output = os.pipe()
        try:
            run = client.start(self.socket, job, stdin, to_output, to_output)
        except SandboxError:
            os.close(output)
            raise
        finally:
            os.close(stdin)
            os.close(to_output)
        try:
            yield run, output
        finally:
            run.close()
            os.close(output)

    async def timed(self, program: str, *arguments: str, limits: Limits = CGI) -> Timed:
        """One run to its end. Waits for the first byte outside the event loop: nothing else is timed meanwhile.

        Raises SandboxError.
        """
        asked = time.monotonic_ns()
        with self.begun(program, *arguments, limits=limits) as (run, output):
            if not select.select([output], [], [], FIRST_BYTE_MAX_SECONDS)[0]:
                raise SandboxError(f"no byte of output in {FIRST_BYTE_MAX_SECONDS:g} s")
            first_byte = time.monotonic_ns() - asked
            outcome = await run.outcome()
            ended = time.monotonic_ns() - asked
            return Timed(first_byte / 1e9, ended / 1e9, asked, os.read(output, READ_BYTES), outcome)


@contextlib.contextmanager
def supervising(settings: Settings, *options: str) -> Iterator[Supervisor]:
    """A supervisor with one owner, whose home holds the bench's programs. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        socket = folder / "socket"
        home = make_home(folder)
        command = [sys.executable, "-m", "sandbox", "serve", "--socket", str(socket), "--homes", str(home.parent)]
        if settings.runtime:
            command += ["--runtime", str(settings.runtime)]
        environ = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
        with running([*command, *options], folder, environ) as process:
            deadline = time.monotonic() + START_MAX_SECONDS
            while "ready" not in said(folder).split():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotStarted(f"the supervisor did not become ready; it said: {said(folder)}")
                time.sleep(0.02)
            yield Supervisor(process.pid, socket)


def make_home(folder: Path, owner: str = OWNER) -> Path:
    """Where student code may reach it: started by root, it runs as whoever owns the homes."""
    folder.chmod(0o755)
    home = folder / "homes" / owner
    shutil.copytree(PROGRAMS, home, ignore=shutil.ignore_patterns("__pycache__"))
    user = unprivileged_user()
    if user:
        for place in (home.parent, home):
            os.chown(place, user.pw_uid, user.pw_gid)
    return home

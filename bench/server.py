"""One server process of the bench: started in a folder of its own, asked until it answers rightly, stopped whole."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.load import LOOPBACK, Address, press

PORTS = range(8300, 8400)
START_MAX_SECONDS = 60.0
STOP_MAX_SECONDS = 15.0


class NotStarted(Exception):
    """The server ended or gave no right answer in time; the message quotes what it said."""


def free_port() -> int:
    """A port of ours that nobody listens on. Raises NotStarted when all are taken."""
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((LOOPBACK, port))
                return port
    raise NotStarted(f"no free port from {PORTS.start} to {PORTS.stop - 1}")


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own, its output in `folder`/output; the whole group is gone afterwards."""
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask politely, then not."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_MAX_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def await_answer(address: Address, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return once the server gives one right answer; raises NotStarted."""
    deadline = time.monotonic() + START_MAX_SECONDS
    last = "nothing"
    while time.monotonic() < deadline and process.poll() is None:
        load = press(address, clients=1, seconds=1.0, most_requests=1)
        if load.seconds:
            return
        last = ", ".join(load.errors)
        time.sleep(0.1)
    raise NotStarted(f"{address.name} did not answer rightly ({last}); it said: {said(folder)}")


def said(folder: Path) -> str:
    return (folder / "output").read_text(errors="replace")[-1500:].strip() or "nothing"

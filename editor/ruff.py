"""Asks Ruff one question about a text: a process of its own, which hears the text, answers and is gone.

It parses what students wrote, so it gets nothing but that: no variables, no settings of theirs, no room to write,
little time and memory. Called by lint.py and format.py, in a thread.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Final, cast

from django.conf import settings
from ruff import find_ruff_bin

from sandbox.limits import MIB
from sandbox.runtime import RuntimeMissing, find_runtime

TEXT_MAX_BYTES: Final = 256 * 1024  # nobody types more, and of bad code more is seconds of work
ANSWER_MAX_BYTES: Final = 8 * MIB
COMPLAINT_MAX_BYTES: Final = 16 * 1024
PATIENCE_SECONDS: Final = 4.0  # on a busy machine two seconds of CPU take longer
PIECE_BYTES: Final = 64 * 1024
NAME: Final = "program.py"  # what the text is called: no name of a student's has any meaning to it
# A soft limit says why it ended; a process that ignores it meets the hard one.
BOUNDS: Final = {
    resource.RLIMIT_CPU: (2, 3),
    resource.RLIMIT_AS: (1024 * MIB, 1024 * MIB),
    resource.RLIMIT_FSIZE: (0, 0),
    resource.RLIMIT_CORE: (0, 0),
    resource.RLIMIT_NOFILE: (32, 32),
}
ENVIRON: Final = {"RAYON_NUM_THREADS": "1", "NO_COLOR": "1"}


# Behind what people wait for, and not behind everything: on a busy machine an answer may still come in time. As a group
# of its own it needs it as one too, see sched(7).
NICE: Final = 10


class TooMuch(Exception):
    """The text is more than it can work through inside its bounds."""


class TooLong(TooMuch):
    """It has more than TEXT_MAX_BYTES."""


@dataclass
class Answer:
    """`status` as wait(2) gives it to subprocess; None where it was cut off with more than ANSWER_MAX_BYTES to say."""

    status: int | None = None
    output: bytearray = field(default_factory=bytearray)
    complaint: bytearray = field(default_factory=bytearray)


def ask_ruff(command: str, options: Sequence[str], text: str) -> Answer:
    """Raises TooMuch, and TooLong of it before anything is asked."""
    content = text.encode("utf-8", "replace")  # half a surrogate pair is one character before and after
    if len(content) > TEXT_MAX_BYTES:
        raise TooLong
    process = subprocess.Popen(
        [*program(), command, "--isolated", "--no-cache", f"--stdin-filename={NAME}", *options, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd="/",
        env=ENVIRON,
        start_new_session=True,  # to the kernel's scheduler it is no part of the site's own work
    )
    with process:
        try:
            bound(process.pid)
            answer = converse(process, content)
        finally:
            process.kill()
    if answer.status is not None and answer.status not in (0, 1, 2):
        raise TooMuch
    return answer


def bound(pid: int) -> None:
    """Before it is told anything: it waits for its text."""
    with contextlib.suppress(ProcessLookupError):
        for kind, limits in BOUNDS.items():
            resource.prlimit(pid, kind, limits)
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    with contextlib.suppress(OSError):  # there are kernels without
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE))


def converse(process: subprocess.Popen[bytes], content: bytes) -> Answer:
    """Raises TooMuch when its time is up."""
    stdin, stdout, stderr = (cast(IO[bytes], stream) for stream in (process.stdin, process.stdout, process.stderr))
    answer, left = Answer(), memoryview(content)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with selectors.DefaultSelector() as selector:
        os.set_blocking(stdin.fileno(), False)
        selector.register(stdin, selectors.EVENT_WRITE)
        selector.register(stdout, selectors.EVENT_READ, (answer.output, ANSWER_MAX_BYTES))
        selector.register(stderr, selectors.EVENT_READ, (answer.complaint, COMPLAINT_MAX_BYTES))
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic())
            if time.monotonic() >= deadline:
                raise TooMuch
            for key, _ in ready:
                if key.fileobj is stdin:
                    left = write(key.fd, left)
                    over = not left
                else:
                    said, most_bytes = key.data
                    piece = os.read(key.fd, PIECE_BYTES)
                    said += piece[: most_bytes - len(said)]
                    if said is answer.output and len(said) >= most_bytes:
                        return answer
                    over = not piece
                if over:
                    selector.unregister(key.fileobj)
                    cast(IO[bytes], key.fileobj).close()
    try:
        answer.status = process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise TooMuch from error
    return answer


def write(descriptor: int, left: memoryview) -> memoryview:
    """What is left to write; nothing where nobody reads any more."""
    try:
        return left[os.write(descriptor, left) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[len(left) :]


@cache
def program() -> tuple[str, ...]:
    return (find_ruff_bin(),)


@cache
def target_version() -> tuple[str, ...]:
    """That the text is for the students' Python."""
    try:
        version = find_runtime(settings.IVLE_RUNTIME).version
    except RuntimeMissing:
        return ()
    return (f"--target-version=py{version.replace('.', '')}",)

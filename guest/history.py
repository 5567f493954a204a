"""The lines a person has typed at the prompt, kept in their home. Used by repl.py.

Each line is appended as it is entered, so that a session that is killed has lost none, and two at once keep both.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

FOLDER = ".ivle"
LINES_MAX = 2000
BYTES_MAX = 256 * 1024  # then the oldest half is forgotten, when a session begins
LINE_MAX_CHARACTERS = 4096


def folder() -> str:
    """For everything we keep for a person in their home, made where it is missing."""
    path = os.path.join(os.environ.get("HOME", "/"), FOLDER)
    with contextlib.suppress(OSError):
        os.mkdir(path, 0o700)
    return path


class History:
    """Where the file cannot be read or written, there is no history and nothing else is wrong."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.last = ""

    def load(self) -> list[str]:
        """The oldest first."""
        content = b""
        with contextlib.suppress(OSError), self.opened(os.O_RDWR) as descriptor:
            size = os.fstat(descriptor).st_size
            content = os.pread(descriptor, BYTES_MAX, max(0, size - BYTES_MAX))
            if size > BYTES_MAX:
                content = content[len(content) // 2 :].partition(b"\n")[2]
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, content, 0)
        return content.decode("utf-8", "replace").splitlines()[-LINES_MAX:]

    def add(self, line: str) -> bool:
        """Whether it was worth keeping."""
        line = line.rstrip()
        if not line or line == self.last or "\n" in line or len(line) > LINE_MAX_CHARACTERS:
            return False
        self.last = line
        with contextlib.suppress(OSError), self.opened(os.O_WRONLY | os.O_APPEND | os.O_CREAT) as descriptor:
            os.write(descriptor, line.encode("utf-8", "replace") + b"\n")
        return True

    @contextlib.contextmanager
    def opened(self, flags: int) -> Iterator[int]:
        """Never waits: whatever a person has put in the file's place, or whoever holds it."""
        descriptor = os.open(self.path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield descriptor
        finally:
            os.close(descriptor)

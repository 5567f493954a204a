"""What a program prints before its prompt, marked in the terminal's stream, so that a page may show it beside the
terminal. Used by repl.py and ipython.py; docs/protocol.md tells of the marks, which every terminal passes over.

What does not go through sys.stdout (os.write, other programs, stderr, the echo of what is typed) is never marked.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

PRINTED, NOT_PRINTED = b"\x1b[?8701h", b"\x1b[?8701l"
BEGINS, OVER = b"\x1b[?8702h", b"\x1b[?8702l"
ASKS = b"\x1b[?8703h"
BUFFER_BYTES = io.DEFAULT_BUFFER_SIZE


class Marked(io.BufferedWriter):
    """Marks stand around whole flushes: none cuts a character in two, and nothing else gets between."""

    is_on = True
    unflushed_bytes = 0

    def write(self, data: Any, /) -> int:
        if not self.is_on:
            return super().write(data)
        if not self.unflushed_bytes:
            super().write(PRINTED)
        count = super().write(data)
        self.unflushed_bytes += len(PRINTED) + count
        if self.unflushed_bytes > BUFFER_BYTES:  # some of it has left already
            self.flush()
        return count

    def flush(self) -> None:
        if self.unflushed_bytes:
            self.unflushed_bytes = 0
            super().write(NOT_PRINTED)
        super().flush()


@contextlib.contextmanager
def apart() -> Iterator[TextIO]:
    """sys.stdout is marked while a program runs; what we are given is the one without marks."""
    plain = sys.stdout
    if not os.isatty(1):
        yield plain
        return
    buffer = Marked(io.FileIO(1, "wb", closefd=False), BUFFER_BYTES)
    marked = io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape", line_buffering=True)
    plain.flush()
    tell(BEGINS)
    become_stdout(marked)
    read = builtins.input
    asks = builtins.input = asking(read, marked, buffer)
    try:
        yield plain
    finally:
        with contextlib.suppress(Exception):  # the program may have closed it
            marked.flush()
        buffer.is_on = False  # the program's threads may go on with it
        if builtins.input is asks:
            builtins.input = read
        if sys.stdout is marked:
            become_stdout(plain)
        tell(NOT_PRINTED + OVER)


def become_stdout(stream: TextIO) -> None:
    vars(sys).update(stdout=stream, __stdout__=stream)


def asking(read: Any, marked: TextIO, buffer: Marked) -> Any:
    """input() that first says it asks: what was printed before may be the question."""

    @functools.wraps(read)
    def input(*prompt: object) -> str:
        __tracebackhide__ = True  # IPython's word
        if buffer.is_on:
            with contextlib.suppress(Exception):
                marked.flush()
            tell(ASKS)
        return str(read(*prompt))

    return input


def tell(mark: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(1, mark)

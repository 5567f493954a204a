"""What a program prints before its prompt, marked in the terminal's stream, so that a page may show it beside the
terminal. Used by repl.py and ipython.py; docs/protocol.md tells of the marks, which every terminal passes over.

What does not go through sys.stdout (os.write, other programs, stderr, the echo of what is typed) is never marked.
"""

from __future__ import annotations

import contextlib
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
            self.unflushed_bytes = len(PRINTED)  # before all that may raise: no mark stays without its other
            super().write(PRINTED)
        count = super().write(data)
        self.unflushed_bytes += count
        if self.unflushed_bytes > BUFFER_BYTES:  # some of it has left already
            self.flush()
        return count

    def flush(self) -> None:
        if self.unflushed_bytes:
            super().write(NOT_PRINTED)
            self.unflushed_bytes = 0
        super().flush()


class Input(io.TextIOWrapper):
    """input() wants the descriptor of sys.stdin before it asks, as does whoever waits for keys. What was printed before
    may be the question. A function around input() would show in tracebacks."""

    output: TextIO | None = None

    def fileno(self) -> int:
        if self.output is not None:
            with contextlib.suppress(Exception):  # the program may have closed it
                self.output.flush()
            tell(ASKS)
        return super().fileno()


@contextlib.contextmanager
def apart() -> Iterator[TextIO]:
    """sys.stdout is marked while a program runs; what we are given is the one without marks."""
    before = sys.stdin, sys.stdout
    if not os.isatty(1):
        yield before[1]
        return
    buffer = Marked(io.FileIO(1, "wb", closefd=False), BUFFER_BYTES)
    stdout = io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape", line_buffering=True)
    stdin = Input(open(0, "rb", closefd=False), encoding="utf-8", errors="surrogateescape")
    before[1].flush()
    tell(BEGINS)
    stdin.output = stdout
    vars(sys).update(stdin=stdin, __stdin__=stdin, stdout=stdout, __stdout__=stdout)
    try:
        yield before[1]
    finally:
        with contextlib.suppress(Exception):
            stdout.flush()
        buffer.is_on, stdin.output = False, None  # the program's threads may go on with both
        vars(sys).update(__stdin__=before[0], __stdout__=before[1])
        if sys.stdin is stdin:
            sys.stdin = before[0]
        if sys.stdout is stdout:
            sys.stdout = before[1]
        tell(NOT_PRINTED + OVER)


def tell(mark: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(1, mark)

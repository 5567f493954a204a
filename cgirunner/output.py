"""What a program writes: its standard output and standard error, read from two pipes as it comes. For run.py."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final

READ_BYTES: Final = 64 * 1024
ERRORS_KEPT_BYTES: Final = 64 * 1024


class Output:
    """Keeps up to `limit_bytes` of both together, and of standard error up to ERRORS_KEPT_BYTES.

    `changed` is set after everything that happens; `pending` is what has been written to standard output and not
    been taken yet. Nothing waits for a slow browser, so that a program's time is its own; the limit bounds the memory.
    """

    def __init__(self, limit_bytes: int, changed: asyncio.Event) -> None:
        self.pending = bytearray()
        self.errors = bytearray()
        self.errors_cut = False
        self.over_limit = False
        self.wrote_output = False
        self._room = limit_bytes
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._readers: dict[int, Callable[[bytes], None]] = {}
        self.stdout = self._pipe(self._on_output)
        self.stderr = self._pipe(self._on_errors)

    @property
    def ended(self) -> bool:
        return not self._readers

    def take(self) -> bytes:
        data = bytes(self.pending)
        self.pending.clear()
        return data

    def handed_over(self) -> None:
        """The program has its ends of the pipes; ours to close."""
        for end in (self.stdout, self.stderr):
            if end >= 0:
                os.close(end)
        self.stdout = self.stderr = -1

    def drain(self) -> None:
        """Read what is still in the pipes, now that nothing more will be written, and close them."""
        while self._readers:
            for descriptor in list(self._readers):
                if not self._read(descriptor):
                    self._close(descriptor)

    def close(self) -> None:
        self.handed_over()
        for descriptor in list(self._readers):
            self._close(descriptor)

    def _pipe(self, on_data: Callable[[bytes], None]) -> int:
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self._readers[ours] = on_data
        self._loop.add_reader(ours, self._on_readable, ours)
        return theirs

    def _on_readable(self, descriptor: int) -> None:
        with suppress(BlockingIOError):
            data = os.read(descriptor, READ_BYTES)
            if data:
                self._readers[descriptor](data)
            else:
                self._close(descriptor)
            self._changed.set()

    def _read(self, descriptor: int) -> bool:
        try:
            data = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._readers[descriptor](data)
        return bool(data)

    def _close(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        del self._readers[descriptor]
        os.close(descriptor)

    def _on_output(self, data: bytes) -> None:
        self.wrote_output = True
        self.pending += self._count(data)

    def _on_errors(self, data: bytes) -> None:
        kept = self._count(data)[: ERRORS_KEPT_BYTES - len(self.errors)]
        self.errors += kept
        self.errors_cut = self.errors_cut or len(kept) < len(data)

    def _count(self, data: bytes) -> bytes:
        """The part of the data that is within the limit. Past the limit, output is read only to be thrown away."""
        kept = data[: self._room]
        self._room -= len(kept)
        self.over_limit = self.over_limit or len(kept) < len(data)
        return kept

"""Numbers that several processes of one machine count together: each in a file of its own, added up when asked for.

A file is mapped into memory, so a process that is killed has lost nothing, and the next of its kind goes on with the
file: what it counted before does not vanish from the sums (docs/decisions/0097-figures.md).
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FILES_MAX: Final = 64  # of one program: more count for themselves alone
HEAD_BYTES: Final = 16
NUMBER: Final = struct.Struct("=d")


class Tally:
    """Of this process. Any thread may add to it."""

    def __init__(self, folder: Path, program: str, names: Sequence[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.lock = threading.Lock()
        size = len(names) * NUMBER.size
        self.descriptor, self.memory = mapped(folder, program, head_of(names), size)
        self.numbers = memoryview(self.memory)[HEAD_BYTES : HEAD_BYTES + size].cast("d")

    def add(self, name: str, amount: float = 1.0) -> None:
        with self.lock:
            self.numbers[self.places[name]] += amount

    def close(self) -> None:
        """Another process may go on with its file."""
        self.numbers.release()
        if isinstance(self.memory, mmap.mmap):
            self.memory.close()
        if self.descriptor >= 0:
            os.close(self.descriptor)


def mapped(folder: Path, program: str, head: bytes, size: int) -> tuple[int, mmap.mmap | bytearray]:
    """A file that nobody else has; memory of our own where there is none to be had."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(FILES_MAX):
            descriptor = os.open(folder / f"{program}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # All of it for certain: writing to a page that finds no room on a full disk would kill the process.
                os.posix_fallocate(descriptor, 0, HEAD_BYTES + size)
                memory = mmap.mmap(descriptor, HEAD_BYTES + size)
            except OSError as error:
                os.close(descriptor)
                if isinstance(error, BlockingIOError):
                    continue
                raise
            if memory[:HEAD_BYTES] != head:  # of another release
                memory[:] = head + bytes(size)
            return descriptor, memory
    except OSError:
        return -1, bytearray(HEAD_BYTES + size)
    return -1, bytearray(HEAD_BYTES + size)


def head_of(names: Sequence[str]) -> bytes:
    return hashlib.sha256("\n".join(names).encode()).digest()[:HEAD_BYTES]


def totals(folder: Path, names: Sequence[str]) -> dict[str, Counter[str]]:
    """What all processes have counted, by program. Files of another release are left out."""
    found: dict[str, Counter[str]] = {}
    head, size = head_of(names), len(names) * NUMBER.size
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return found
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            continue
        if content[:HEAD_BYTES] == head and len(content) >= HEAD_BYTES + size:
            numbers = (number for (number,) in NUMBER.iter_unpack(content[HEAD_BYTES : HEAD_BYTES + size]))
            sums: Counter[str] = found.setdefault(file.name.rpartition("-")[0], Counter())
            for name, number in zip(names, numbers, strict=True):
                sums[name] += number
    return found

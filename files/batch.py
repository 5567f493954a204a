"""The same with several files: what fails stops nothing, and is told in words. For api.py and trash.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from files import words
from files.faults import FileFault
from files.lookup import NotThere

Parts = tuple[bytes, ...]
SECONDS_MAX: Final = 60.0  # after which nothing more is begun: others are waiting


@dataclass(frozen=True)
class Failed:
    parts: Parts
    sentence: str


@dataclass(frozen=True)
class Batch:
    """`done` are the paths that came of it."""

    done: tuple[Parts, ...]
    failed: tuple[Failed, ...]


def each(paths: Iterable[Parts], act: Callable[[Parts], Parts]) -> Batch:
    done, failed = [], []
    deadline = monotonic() + SECONDS_MAX
    for parts in paths:
        if monotonic() >= deadline:
            failed.append(Failed(parts, words.too_long()))
            continue
        try:
            done.append(act(parts))
        except NotThere:
            failed.append(Failed(parts, words.not_there()))
        except FileFault as fault:
            failed.append(Failed(parts, str(fault)))
    return Batch(tuple(done), tuple(failed))

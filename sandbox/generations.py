"""The states of one environment: each a folder with a number, never changed once it is in use. For installing.py.

A change is made in a copy, which becomes the current one by the renaming of a link: whoever starts an interpreter gets
all of the old or all of the new. Whoever runs one holds its folder by a lock, so what is held is not swept away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.environments import CURRENT, PREVIOUS

LOCK: Final = ".lock"
NEW_LINK: Final = ".new"
READABLE_UMASK: Final = 0o022  # students' programs run as somebody else, and read all of it


class AnotherAtWork(Exception):
    """Another command changes environments at the moment."""


@dataclass(frozen=True)
class Generations:
    place: Path  # of one environment

    @property
    def current(self) -> Path | None:
        return self.at(CURRENT)

    @property
    def previous(self) -> Path | None:
        return self.at(PREVIOUS)

    def at(self, name: str) -> Path | None:
        link = self.place / name
        return link.resolve() if link.exists() else None

    def copy(self, source: Path | None) -> Path:
        """A folder for the next state: a copy of another, or not there yet. Raises OSError; `sweep` cleans up."""
        self.place.mkdir(parents=True, exist_ok=True)
        numbers = [int(path.name) for path in self.place.iterdir() if path.name.isdigit()]
        made = self.place / str(max(numbers, default=0) + 1)
        if source is not None:
            shutil.copytree(source, made, symlinks=True, ignore=shutil.ignore_patterns(LOCK))
        return made

    def switch(self, made: Path) -> None:
        """Raises OSError, and the old one is current."""
        current = self.current
        if current is not None:
            self.point(PREVIOUS, current)
        os.sync()  # a machine that loses its power keeps the old one or has all of the new
        self.point(CURRENT, made)

    def swap(self, previous: Path, current: Path) -> None:
        """The earlier one is current again. Raises OSError; whatever is done by then, that one stays."""
        self.point(CURRENT, previous)
        self.point(PREVIOUS, current)

    def point(self, name: str, target: Path) -> None:
        new = self.place / NEW_LINK
        new.unlink(missing_ok=True)
        new.symlink_to(target.name)
        new.replace(self.place / name)

    def drop(self) -> None:
        """There is no such environment from now on; those who run on it go on."""
        for name in (CURRENT, PREVIOUS, NEW_LINK):
            (self.place / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Takes away what is neither current nor previous and that nobody runs on. What cannot go now goes later."""
        kept = {(self.place / name).resolve() for name in (CURRENT, PREVIOUS)} if self.current else set()
        for path in self.place.iterdir():
            if path.name.isdigit() and path not in kept and not is_held(path):
                shutil.rmtree(path, ignore_errors=True)
        if not any(path.name.isdigit() for path in self.place.iterdir()):
            shutil.rmtree(self.place, ignore_errors=True)


def hold(folder: Path) -> int:
    """A descriptor with which the folder stays. Raises OSError, BlockingIOError for one that is being taken away."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def is_held(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """For who changes environments below `folder`: nobody else does meanwhile, and what an earlier command that was
    killed left behind is gone. Raises AnotherAtWork and OSError."""
    umask = os.umask(READABLE_UMASK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AnotherAtWork from None
            sweep_all(folder)
            try:
                yield
            finally:
                sweep_all(folder)
    finally:
        os.umask(umask)


def take_place(name: str) -> None:
    """The folder `name`.new becomes `name`. What was there lies beside it for as long as somebody runs on it, and goes
    with the next one. For the standard environment, which `make` installs. Raises OSError."""
    place, new = Path(name), Path(f"{name}.new")
    number = 1 + max((int(path.suffix[5:]) for path in olds(place)), default=0)
    if place.exists():
        place.rename(f"{place}.old-{number}")
    new.rename(place)
    for path in olds(place):
        if path.is_symlink():
            path.unlink()
        elif not is_held(path):
            shutil.rmtree(path)


def olds(place: Path) -> list[Path]:
    return [path for path in place.parent.glob(f"{place.name}.old-*") if path.suffix[5:].isdigit()]


def sweep_all(folder: Path) -> None:
    for place in folder.iterdir():
        if place.is_dir() and not place.is_symlink():
            Generations(place).sweep()

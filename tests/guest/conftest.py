"""Consoles to type into. Each kind of guest has one warm interpreter for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.guest.terminal import RUNTIME, Console, Nursery

Open = Callable[..., Console]


@pytest.fixture(scope="session")
def nurseries() -> Iterator[Callable[[str], Nursery]]:
    started: dict[str, Nursery] = {}

    def get(entry: str) -> Nursery:
        if not (RUNTIME / "bin" / "python").exists():
            pytest.skip("the students' Python is not made yet: make run")
        if entry not in started:
            started[entry] = Nursery(entry)
        return started[entry]

    yield get
    for nursery in started.values():
        nursery.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "ada"
    path.mkdir()
    return path


@pytest.fixture
def open_console(nurseries: Callable[[str], Nursery], home: Path) -> Iterator[Callable[..., Console]]:
    """open_console(ENTRY, ARGUMENT...) as the person whose home is `home`."""
    consoles: list[Console] = []

    def open_one(entry: str, *arguments: str, **others: object) -> Console:
        console = Console(nurseries(entry), home, *arguments, **others)
        consoles.append(console)
        return console

    yield open_one
    for console in consoles:
        console.close()


@pytest.fixture
def prompt(open_console: Open) -> Console:
    """A plain Python prompt that waits."""
    console = open_console("repl")
    console.wait_for(">>> ")
    return console

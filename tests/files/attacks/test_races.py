"""A program puts a link out of the home in place of a folder, and the folder back, as fast as it can."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from files import content, copying, folders, listing, trash, tree
from files.faults import FileFault
from files.lookup import NotThere
from files.opener import libc
from files.tree import Budget
from files.writing import save
from tests.files.attacks.conftest import SECRET

AT_FDCWD = -100
RENAME_EXCHANGE = 2
SWAPS = 500
PATIENCE_SECONDS = 20


class Swaps:
    """Two things change places all the time."""

    def __init__(self, first: object, second: object) -> None:
        self.names = os.fsencode(first), os.fsencode(second)
        self.count = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.swap)

    def swap(self) -> None:
        first, second = self.names
        while not self.over.is_set():
            done = libc.renameat2(AT_FDCWD, first, AT_FDCWD, second, ctypes.c_uint(RENAME_EXCHANGE))
            self.count += done == 0
            self.over.wait(random.random() / 5000)  # or the two threads fall into step

    def against(self, act: Callable[[int], object]) -> None:
        """Acts again and again, until it has worked, and has been raced against often enough."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        worked = 0
        for number in count():
            with suppress(NotThere, FileFault):
                act(number)
                worked += 1
            if worked and self.count >= SWAPS:
                return
            assert time.monotonic() < deadline, f"worked {worked} times against {self.count} swaps"

    def __enter__(self) -> Swaps:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self.thread.join()


@pytest.fixture
def race(home, outside):
    """`turning` is a folder now, and a link out of the home then."""
    (home / "turning").mkdir()
    (home / "turning" / "secret").write_bytes(b"mine")
    (home / "turning" / "deep").mkdir()
    (home / "link").symlink_to(outside)
    (home / "to").mkdir()
    (home / "mine").write_bytes(b"mine")
    with Swaps(home / "turning", home / "link") as swaps:
        yield swaps


def room(_more: int) -> None:
    pass


def test_read(race, home_fd) -> None:
    def act(_number: int) -> None:
        file = content.open_file(home_fd, (b"turning", b"secret"))
        try:
            assert os.read(file, 100) == b"mine"
        finally:
            os.close(file)

    race.against(act)


def test_list(race, home_fd) -> None:
    def act(_number: int) -> None:
        sizes = {entry.name: entry.size_bytes for entry in listing.list_folder(home_fd, (b"turning",)).entries}
        assert sizes.get(b"secret", 4) != len(SECRET)

    race.against(act)


def test_save(race, home_fd) -> None:
    def act(number: int) -> None:
        parts = (b"turning", b"secret" if number % 2 else b"new")
        save(home_fd, parts, [b"mine"], size_bytes=4, must_be=None, room=room)

    race.against(act)


def test_make(race, home_fd) -> None:
    race.against(lambda number: folders.make_folder(home_fd, (b"turning", b"%d" % number), room))


def test_rename(race, home_fd) -> None:
    names = (b"secret", b"renamed")
    race.against(lambda number: folders.rename(home_fd, (b"turning", names[number % 2]), names[1 - number % 2]))


def test_move(race, home_fd) -> None:
    def act(_number: int) -> None:
        with suppress(NotThere, FileFault):
            folders.move(home_fd, (b"turning", b"secret"), (b"to",))
        folders.move(home_fd, (b"to", b"secret"), (b"turning",))

    race.against(act)


def test_copy_from(race, home, home_fd) -> None:
    def act(_number: int) -> None:
        copying.copy(home_fd, (b"turning",), (b"to",), room)

    race.against(act)
    check_copy(home / "to")


def test_copy_to(race, home_fd) -> None:
    race.against(lambda _number: copying.copy(home_fd, (b"mine",), (b"turning",), room))


def test_delete_in_it(race, home_fd) -> None:
    def act(_number: int) -> None:
        save(home_fd, (b"turning", b"new"), [b""], size_bytes=0, must_be=None, room=room)
        trash.delete("student", home_fd, [(b"turning", b"new"), (b"turning", b"secret"), (b"turning", b"deep")])

    race.against(act)


@pytest.fixture
def tree_of_20(home, outside):
    """A function that makes home/top, and in it 7, which changes places with the link out of the home. Again as well,
    whatever has become of the two meanwhile."""

    def make() -> None:
        if not (home / "link").is_symlink():
            with suppress(FileNotFoundError):
                (home / "link").rename(home / "left over")
                shutil.rmtree(home / "left over")
            (home / "link").symlink_to(outside)
        for number in [*range(7), *range(8, 20)]:
            (home / "top" / f"{number}").mkdir(parents=True)
            (home / "top" / f"{number}" / "secret").write_bytes(b"mine")
        (home / "seven").mkdir()
        (home / "seven" / "secret").write_bytes(b"mine")
        (home / "seven").rename(home / "top" / "7")

    make()
    return make


def turn_into_a_link(home) -> None:
    (home / "top" / "7").rename(home / "seven")
    (home / "link").rename(home / "top" / "7")


def test_it_is_swapped_right_after_it_was_seen_to_be_a_folder_to_remove(home, home_fd, tree_of_20, monkeypatch) -> None:
    look = tree.remove_file

    def remove_file(folder: int, name: bytes) -> bool:
        found = look(folder, name)
        if name == b"7" and not found:
            turn_into_a_link(home)
        return found

    monkeypatch.setattr(tree, "remove_file", remove_file)
    tree.remove(home_fd, b"top", Budget(10_000))
    assert not (home / "top").exists()


def test_it_is_swapped_right_after_it_was_seen_to_be_a_folder_to_count(home, home_fd, tree_of_20, monkeypatch) -> None:
    enter = tree.enter

    def enter_late(folder: int, name: bytes, *more) -> None:
        if name == b"7":
            turn_into_a_link(home)
        enter(folder, name, *more)

    monkeypatch.setattr(tree, "enter", enter_late)
    assert tree.measure(home_fd, b"top", 10_000).size_bytes == 21 * tree.FOLDER_BYTES + 19 * 4


def check_copy(folder) -> None:
    for here, _, names in os.walk(folder):
        assert all((Path(here) / name).read_bytes() == b"mine" for name in names)


@pytest.mark.parametrize("walk", ["remove", "measure", "copy"])
def test_a_folder_below_is_swapped_while_it_is_walked(home, home_fd, tree_of_20, walk) -> None:
    """The walk has the folder above open already."""

    def act(_number: int) -> None:
        if walk == "remove":
            tree.remove(home_fd, b"top", Budget(10_000))
            tree_of_20()
        elif walk == "measure":
            assert tree.measure(home_fd, b"top", 10_000).size_bytes < 21 * tree.FOLDER_BYTES + 1000
        else:
            copied = copying.copy(home_fd, (b"top",), (), room)[-1]
            check_copy(home / os.fsdecode(copied))
            tree.remove(home_fd, copied, Budget(10_000))

    with Swaps(home / "top" / "7", home / "link") as swaps:
        swaps.against(act)

"""A program puts a link out of the home in place of a folder, and the folder back, as fast as it can."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from files import content, copying, folders, listing, trash, tree
from files.faults import FileFault
from files.lookup import NotThere
from files.opener import libc
from files.tree import Budget
from files.writing import save
from tests.files.attacks.conftest import SECRET

RENAME_EXCHANGE = 2
ROUNDS = 300


@contextmanager
def swapping(first: object, second: object) -> Iterator[list[int]]:
    """The two change places all the time. Gives how often they did."""
    over = threading.Event()
    swaps = [0]

    def swap() -> None:
        while not over.is_set():
            done = libc.renameat2(-100, os.fsencode(first), -100, os.fsencode(second), ctypes.c_uint(RENAME_EXCHANGE))
            swaps[0] += done == 0

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield swaps
    finally:
        over.set()
        thread.join()


@pytest.fixture
def race(home, outside):
    """`turning` is a folder now, and a link out of the home then."""
    (home / "turning").mkdir()
    (home / "turning" / "secret").write_bytes(b"mine")
    (home / "turning" / "deep").mkdir()
    (home / "link").symlink_to(outside)
    (home / "to").mkdir()
    (home / "mine").write_bytes(b"mine")
    with swapping(home / "turning", home / "link") as swaps:
        yield home
    assert swaps[0] > ROUNDS, "nothing was raced against"


def room(_more: int) -> None:
    pass


def repeat(act) -> int:
    """How often it worked."""
    worked = 0
    for number in range(ROUNDS):
        with suppress(NotThere, FileFault):
            act(number)
            worked += 1
    return worked


def test_read(race, home_fd) -> None:
    def act(_number: int) -> None:
        file = content.open_file(home_fd, (b"turning", b"secret"))
        try:
            assert os.read(file, 100) == b"mine"
        finally:
            os.close(file)

    assert repeat(act)


def test_list(race, home_fd) -> None:
    def act(_number: int) -> None:
        sizes = {entry.name: entry.size_bytes for entry in listing.list_folder(home_fd, (b"turning",)).entries}
        assert sizes.get(b"secret", 4) != len(SECRET)

    assert repeat(act)


def test_save(race, home_fd) -> None:
    def act(number: int) -> None:
        parts = (b"turning", b"secret" if number % 2 else b"new")
        save(home_fd, parts, [b"mine"], size_bytes=4, must_be=None, room=room)

    assert repeat(act)


def test_make(race, home_fd) -> None:
    assert repeat(lambda number: folders.make_folder(home_fd, (b"turning", b"%d" % number), room))


def test_rename(race, home_fd) -> None:
    names = (b"secret", b"renamed")
    repeat(lambda number: folders.rename(home_fd, (b"turning", names[number % 2]), names[1 - number % 2]))


def test_move(race, home_fd) -> None:
    def act(_number: int) -> None:
        with suppress(NotThere, FileFault):
            folders.move(home_fd, (b"turning", b"secret"), (b"to",))
        folders.move(home_fd, (b"to", b"secret"), (b"turning",))

    assert repeat(act)


def test_copy_from(race, home_fd) -> None:
    def act(_number: int) -> None:
        copying.copy(home_fd, (b"turning",), (b"to",), room)

    assert repeat(act)
    for path in (race / "to").rglob("secret"):
        assert path.is_symlink() or path.parent.is_symlink() or path.read_bytes() == b"mine"


def test_copy_to(race, home_fd) -> None:
    assert repeat(lambda _number: copying.copy(home_fd, (b"mine",), (b"turning",), room))


def test_delete_in_it(race, home_fd) -> None:
    def act(_number: int) -> None:
        save(home_fd, (b"turning", b"new"), [b""], size_bytes=0, must_be=None, room=room)
        trash.delete("student", home_fd, [(b"turning", b"new"), (b"turning", b"secret"), (b"turning", b"deep")])

    assert repeat(act)


@pytest.mark.parametrize("walk", ["remove", "measure", "copy"])
def test_a_folder_below_is_swapped_while_it_is_walked(home, home_fd, outside, walk) -> None:
    """The walk has the folder above open already."""
    top = home / "top"
    for number in range(20):
        (top / f"{number}").mkdir(parents=True)
        (top / f"{number}" / "secret").write_bytes(b"mine")
    (home / "link").symlink_to(outside)
    (home / "to").mkdir()
    with swapping(top / "7", home / "link") as swaps:
        for number in range(60):
            if walk == "measure":
                tree.measure(home_fd, b"top", 10_000)
            elif walk == "copy":
                copying.copy(home_fd, (b"top",), (b"to",), room)
            else:
                copied = b"copy%d" % number
                with suppress(FileFault, NotThere):
                    name = copying.copy(home_fd, (b"top",), (), room)[-1]
                    os.rename(name, copied, src_dir_fd=home_fd, dst_dir_fd=home_fd)
                with (
                    suppress(FileNotFoundError),
                    swapping(home / os.fsdecode(copied) / "8", home / "link"),
                    suppress(NotADirectoryError),
                ):
                    tree.remove(home_fd, copied, Budget(10_000))
    assert swaps[0] > 100
    for path in (home / "to").rglob("secret"):
        assert path.parent.is_symlink() or path.read_bytes() == b"mine"

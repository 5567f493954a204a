"""Several save one file at once: each is told whether it was theirs, and the file is never torn."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from files.faults import Conflict
from files.opener import open_home
from files.validators import etag_of
from files.writing import ABSENT, Etag, save

WRITERS = 6
SIZE = 200_000


def room(_more: int) -> None:
    pass


def content_of(writer: int, turn: int) -> bytes:
    return b"%d-%d\n" % (writer, turn) * (SIZE // 8)


def increment(home_fd: int, path) -> None:
    """As a page does: read, change, save; and again from the beginning where somebody else was faster."""
    while True:
        with path.open("rb") as file:
            etag, number = etag_of(os.fstat(file.fileno())), int(file.read())
        try:
            save(home_fd, (b"n",), [b"%d" % (number + 1)], size_bytes=None, must_be=Etag(etag), room=room)
            return
        except Conflict:
            continue


def test_no_save_is_lost(home, home_fd) -> None:
    (home / "n").write_text("0")
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda _: increment(home_fd, home / "n"), range(60)))
    assert (home / "n").read_text() == "60"


def increment_often(homes, count: int) -> None:
    home_fd = open_home(homes, "student")
    for _ in range(count):
        increment(home_fd, homes / "student" / "n")


def test_nor_between_web_processes(home) -> None:
    (home / "n").write_text("0")
    processes = [get_context("fork").Process(target=increment_often, args=(home.parent, 20)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert (home / "n").read_text() == "60"


def test_one_of_many_makes_it(home, home_fd) -> None:
    def make(writer: int) -> bool:
        try:
            save(home_fd, (b"a",), [content_of(writer, 0)], size_bytes=None, must_be=ABSENT, room=room)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(make, range(WRITERS))) == 1


@pytest.mark.parametrize("size_known", [True, False])
def test_a_reader_never_sees_half(home, home_fd, size_known) -> None:
    (home / "a").write_bytes(content_of(0, 0))
    over = threading.Event()
    torn = []

    def read() -> None:
        while not over.is_set():
            data = (home / "a").read_bytes()
            if data != data[: data.index(b"\n") + 1] * (SIZE // 8):
                torn.append(data[:20])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda n: write(home_fd, n, size_known), range(120)))
    finally:
        over.set()
        reader.join()
    assert not torn
    assert [path.name for path in home.iterdir()] == ["a"]


def write(home_fd: int, number: int, size_known: bool) -> None:
    data = content_of(number % WRITERS, number)
    pieces = [data[start : start + 50_000] for start in range(0, len(data), 50_000)]
    save(home_fd, (b"a",), pieces, size_bytes=len(data) if size_known else None, must_be=None, room=room)

"""Two who upload the same file, two who send the same piece, and one who cancels meanwhile."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from files import uploads
from files.faults import FileFault, Refused, Taken
from files.lookup import NotThere
from files.uploads import Wish


@pytest.fixture(autouse=True)
def roomy(settings, home) -> None:
    settings.IVLE_DISK_RESERVE_MB = 0


def begin(replace: bool = False, size_bytes: int = 400_000) -> str:
    return uploads.begin("student", Wish("a.bin", size_bytes, False, replace)).id


@pytest.mark.parametrize("replace", [False, True])
def test_two_uploads_of_one_file(home, replace) -> None:
    """The file is the one or the other, never a mixture; without `replace` the second is told."""
    for _ in range(10):
        ids = [begin(replace), begin(replace)]
        barrier = threading.Barrier(2)

        def send(upload_id: str, letter: bytes, barrier=barrier):
            uploads.add("student", upload_id, 0, [letter * 200_000])
            barrier.wait()
            return uploads.add("student", upload_id, 200_000, [letter * 200_000]).done

        with ThreadPoolExecutor(2) as threads:
            futures = [threads.submit(send, *pair) for pair in zip(ids, (b"a", b"b"), strict=True)]
        faults = [future.exception() for future in futures]
        assert sorted(str(type(fault)) for fault in faults if fault) == ([] if replace else [str(Taken)])
        content = (home / "a.bin").read_bytes()
        assert content in (b"a" * 400_000, b"b" * 400_000)
        (home / "a.bin").unlink()


def test_one_piece_sent_twice_at_once(home) -> None:
    """As by a browser that tries again before the first try has failed."""
    upload_id = begin(size_bytes=4)
    under_way, go_on = threading.Event(), threading.Event()

    def slowly():
        yield b"ab"
        under_way.set()
        assert go_on.wait(20)
        yield b"cd"

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(uploads.add, "student", upload_id, 0, slowly())
        assert under_way.wait(20)
        with pytest.raises(Refused, match="under way already"):
            uploads.add("student", upload_id, 0, [b"abcd"])
        go_on.set()
        assert first.result().done
    assert (home / "a.bin").read_bytes() == b"abcd"


def test_cancelled_in_the_middle_of_a_piece(home) -> None:
    upload_id = begin(size_bytes=4)

    def cancelling():
        yield b"ab"
        uploads.cancel("student", upload_id)
        yield b"c"

    with pytest.raises(NotThere):
        uploads.add("student", upload_id, 0, cancelling())
    assert os.listdir(home) == []
    assert list((home.parent.parent / "uploads" / "student").iterdir()) == []


def test_a_piece_that_breaks_off_leaves_what_was_there(home) -> None:
    upload_id = begin(size_bytes=6)
    uploads.add("student", upload_id, 0, [b"abc"])

    def breaking():
        yield b"de"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        uploads.add("student", upload_id, 3, breaking())
    assert uploads.find("student", upload_id).offset == 3


def test_many_who_begin_at_once_are_counted(home) -> None:
    def try_to_begin(number: int) -> bool:
        try:
            uploads.begin("student", Wish(f"a{number}", 1, False, False))
        except FileFault:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(try_to_begin, range(40)))
    assert sum(begun) == uploads.AT_ONCE_MAX
    assert len(uploads.list_unfinished("student")) == uploads.AT_ONCE_MAX


def test_the_folder_becomes_a_link_meanwhile(home, tmp_path) -> None:
    (home / "f").mkdir()
    upload_id = uploads.begin("student", Wish("f/a.bin", 3, False, True)).id
    (home / "f").rmdir()
    (home / "f").symlink_to(tmp_path)
    with pytest.raises(NotThere):
        uploads.add("student", upload_id, 0, [b"abc"])
    assert list(tmp_path.iterdir()) == []

"""Zips of people who mean well, unpacked."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import pytest

from files import unpack
from files.archive import Packing
from files.faults import NoRoom, Taken
from files.lookup import NotThere
from files.unpack import BadArchive, Unpacked
from files.writing import save
from tests.files.zips import raw_zip, zip_of, zip_of_entries


class Bench:
    """unpack(data) unpacks it into the student's home."""

    def __init__(self, home, home_fd: int, folder) -> None:
        self.home, self.home_fd, self.folder = home, home_fd, folder
        self.kept: list[tuple[bytes, ...]] = []
        self.left_bytes = 1 << 40

    def room(self, more_bytes: int) -> None:
        if more_bytes > self.left_bytes:
            raise NoRoom("Your folder is full.")
        self.left_bytes -= more_bytes

    def unpack(self, data: bytes, *folder: bytes, name: bytes = b"work.zip", replace: bool = False) -> Unpacked:
        path = self.folder / "uploaded"
        path.write_bytes(data)
        with path.open("rb") as file:
            return unpack.unpack(file, self.home_fd, folder, name, self.room, self.put, replace=replace)

    def put(self, parts, chunks, size_bytes, must_be) -> None:
        save(self.home_fd, parts, chunks, size_bytes=size_bytes, must_be=must_be, room=self.room)
        self.kept.append(parts)

    def files(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.home)): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}


@pytest.fixture
def bench(home, home_fd, tmp_path_factory) -> Bench:
    return Bench(home, home_fd, tmp_path_factory.mktemp("uploads"))


def test_one_folder_is_unpacked_as_it_is(bench) -> None:
    done = bench.unpack(zip_of({"week1/": b"", "week1/a.py": b"a", "week1/data/b.csv": b"b"}))
    assert bench.files() == {"week1/a.py": b"a", "week1/data/b.csv": b"b"}
    assert (done.parts, done.files, done.failed) == ((b"week1",), 2, [])
    assert bench.kept == [(b"week1", b"a.py"), (b"week1", b"data", b"b.csv")]


def test_several_things_get_a_folder_of_their_own(bench, home) -> None:
    (home / "f").mkdir()
    done = bench.unpack(zip_of({"a.py": b"a", "b.py": b"b"}), b"f")
    assert bench.files() == {"f/work/a.py": b"a", "f/work/b.py": b"b"}
    assert done.parts == (b"f", b"work")


def test_a_single_file_too(bench) -> None:
    assert bench.unpack(zip_of({"a.py": b"a"}), name=b".zip").parts == (b".zip",)


def test_an_empty_zip_is_an_empty_folder(bench, home) -> None:
    assert bench.unpack(zip_of({})).files == 0
    assert (home / "work").is_dir()


def test_what_we_packed_comes_back_the_same(bench, home, home_fd) -> None:
    names = [b"plain", "é ü 漢".encode(), b"\xff\xfe", b"caf\xe9", b"new\nline"]
    (home / "f" / "empty").mkdir(parents=True)
    for name in names:
        (home / "f" / os.fsdecode(name)).write_bytes(name * 1000)
    packed = b"".join(Packing(home_fd, [(b"f",)]).pieces())
    before = bench.files()
    (home / "f").rename(home / "g")
    assert bench.unpack(packed).files == 5
    assert {name: data for name, data in bench.files().items() if name.startswith("f/")} == before
    assert (home / "f" / "empty").is_dir()


def test_names_from_old_windows(bench) -> None:
    bench.unpack(raw_zip([(b"f/M\x81ller.txt", b"x")], system=0))
    assert list(bench.files()) == ["f/Müller.txt"]


def test_files_belong_to_the_owner_and_are_private(bench, home) -> None:
    bench.unpack(zip_of({"f/a": b"a"}, external_attr=(stat.S_IFREG | 0o7777) << 16))
    assert stat.S_IMODE((home / "f" / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "f").stat().st_mode) == 0o700
    assert (home / "f" / "a").stat().st_uid == home.stat().st_uid


def test_what_is_there_stays_unless_it_is_to_be_replaced(bench, home) -> None:
    (home / "f").mkdir()
    (home / "f" / "a").write_bytes(b"mine")
    packed = zip_of({"f/a": b"new", "f/b": b"b"})
    done = bench.unpack(packed)
    assert (home / "f" / "a").read_bytes() == b"mine"
    assert (done.files, [(one.parts, one.sentence) for one in done.failed]) == (
        1, [((b"f", b"a"), "There is a a here already. Choose another name.")])  # fmt: skip
    assert bench.unpack(packed, replace=True).files == 2
    assert (home / "f" / "a").read_bytes() == b"new"


def test_unpacking_again_after_a_half_done_time_is_no_failure(bench) -> None:
    packed = zip_of({"f/a": b"a" * 1000, "f/b": b"b"})
    bench.unpack(packed)
    done = bench.unpack(packed)
    assert (done.files, done.failed) == (2, [])


def test_a_file_in_the_way_of_a_folder(bench, home) -> None:
    (home / "f").mkdir()
    (home / "f" / "a").write_bytes(b"mine")
    done = bench.unpack(zip_of({"f/a/b": b"b", "f/c": b"c"}))
    assert [(one.parts[-1], one.sentence) for one in done.failed] == [(b"b", "a is not a folder.")]
    assert done.files == 1
    (home / "g").write_bytes(b"mine")
    with pytest.raises(Taken, match="g is not a folder"):
        bench.unpack(zip_of({"g/a": b"b"}))


def test_a_folder_in_the_way_of_a_file(bench, home) -> None:
    (home / "f" / "a").mkdir(parents=True)
    [failed] = bench.unpack(zip_of({"f/a": b"x"}), replace=True).failed
    assert failed.sentence == "a is a folder, not a file."


def test_the_folder_for_it_is_not_there(bench) -> None:
    with pytest.raises(NotThere):
        bench.unpack(zip_of({"f/a": b"x"}), b"missing")


def test_where_there_is_no_room_nothing_is_unpacked(bench) -> None:
    bench.left_bytes = 20_000
    with pytest.raises(NoRoom):
        bench.unpack(zip_of({"f/a": b"x" * 15_000, "f/b": b"y" * 15_000}))
    assert bench.files() == {}


def test_where_room_runs_out_it_says_what_was_done(bench, monkeypatch) -> None:
    """Somebody else used it meanwhile."""

    def keep(parts):
        bench.left_bytes = 0

    bench.kept = type("Kept", (), {"append": staticmethod(keep)})()
    done = bench.unpack(zip_of({"f/a": b"x", "f/b": b"y", "f/c": b"z"}))
    assert list(bench.files()) == ["f/a"]
    assert (done.files, [one.parts[-1] for one in done.failed]) == (1, [b"b", b"c"])
    assert done.failed[0].sentence == "Your folder is full."


def test_what_a_mac_adds_is_left_out_without_a_word(bench) -> None:
    done = bench.unpack(zip_of({"f/a": b"a", "__MACOSX/f/._a": b"x"}))
    assert (list(bench.files()), done.failed) == (["f/a"], [])


def test_packed_without_compression(bench) -> None:
    bench.unpack(zip_of_entries([("f/a", b"stored", {"compress_type": zipfile.ZIP_STORED})]))
    assert bench.files() == {"f/a": b"stored"}


def test_with_something_in_front_as_of_a_program_that_unpacks_itself(bench) -> None:
    bench.unpack(b"#!/bin/sh\n" * 100 + zip_of({"f/a": b"a"}))
    assert bench.files() == {"f/a": b"a"}


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100, zip_of({"a": b"x" * 1000})[:-30]])
def test_what_is_no_zip(bench, data) -> None:
    with pytest.raises(BadArchive, match="not a zip, or it is damaged"):
        bench.unpack(data)
    assert bench.files() == {}


def test_a_damaged_file_is_left_out_and_named(bench) -> None:
    packed = bytearray(zip_of({"f/a": os.urandom(10_000), "f/b": b"b"}))
    packed[5000] ^= 1
    done = bench.unpack(bytes(packed))
    assert list(bench.files()) == ["f/b"]
    assert [(one.parts[-1], one.sentence) for one in done.failed] == [(b"a", "This is damaged in the zip.")]


def test_zip64(bench) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, archive.open("f/a", "w", force_zip64=True) as file:
        file.write(b"x")
    bench.unpack(packed.getvalue())
    assert bench.files() == {"f/a": b"x"}

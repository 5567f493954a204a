"""Zips made to do harm: to fill the disk or the memory, to write elsewhere, to be told one thing and be another."""

from __future__ import annotations

import os
import stat
import struct
import tracemalloc
import zipfile

import pytest

from files import unpack
from files.unpack import BadArchive
from tests.files.test_unzip import Bench, bench
from tests.files.zips import overlapping_zip, raw_zip, zip_of, zip_of_entries

__all__ = ["bench"]
MIB = 1024 * 1024


def sentences(done) -> list[str]:
    return [one.sentence for one in done.failed]


# --- bombs -----------------------------------------------------------------------------------------------------------


def test_a_file_of_zeros(bench: Bench) -> None:
    bomb = zip_of({"f/a": b"\0" * (64 * MIB)})
    assert len(bomb) < 100_000
    with pytest.raises(BadArchive, match="more than 200 times as large"):
        bench.unpack(bomb)
    assert bench.files() == {}


def test_many_files_of_zeros(bench) -> None:
    with pytest.raises(BadArchive, match="more than 200 times as large"):
        bench.unpack(zip_of({f"f/{number}": b"\0" * MIB for number in range(20)}))


def test_the_better_zip_bomb(bench) -> None:
    """250 MB out of 60 kB, where each file alone is unsuspicious."""
    bomb = overlapping_zip(250, MIB)
    assert len(bomb) < 60_000
    with pytest.raises(BadArchive):
        bench.unpack(bomb)
    small = overlapping_zip(250, 1000)  # within the ratio, so what finds it is the overlap
    with pytest.raises(BadArchive, match="share the same bytes"):
        bench.unpack(small)
    assert bench.files() == {}


def test_files_that_overlap_by_a_byte(bench) -> None:
    packed = bytearray(raw_zip([(b"f/a", b"aaaa"), (b"f/b", b"bbbb")], method=0))
    where = packed.index(b"PK\1\2")
    packed[where + 20] += 1  # the packed size of the first, in the table of contents
    with pytest.raises(BadArchive, match="share the same bytes"):
        bench.unpack(bytes(packed))


def test_a_file_that_reaches_into_the_table_of_contents(bench) -> None:
    packed = bytearray(raw_zip([(b"f/a", b"aaaa")], method=0))
    where = packed.index(b"PK\1\2")
    packed[where + 20] += 1
    with pytest.raises(BadArchive, match="share the same bytes"):
        bench.unpack(bytes(packed))


def test_a_header_of_its_own_that_is_longer_than_announced(bench) -> None:
    """What the table of contents says is not where the data lies: the file's own header is."""
    packed = bytearray(raw_zip([(b"f/a", b"a" * 100), (b"f/b", b"b" * 100)], method=0))
    struct.pack_into("<H", packed, 28, 60)  # the length of the first one's extra field
    with pytest.raises(BadArchive, match="share the same bytes"):
        bench.unpack(bytes(packed))


def test_sizes_that_are_lies(bench) -> None:
    """Announced small, and large inside: no more than was announced is ever unpacked."""
    done = bench.unpack(raw_zip([(b"f/a", b"\0" * (50 * MIB))], size=10))
    assert sentences(done) == ["This is damaged in the zip."]
    done = bench.unpack(raw_zip([(b"f/a", b"x")], size=1000))
    assert sentences(done) == ["This is damaged in the zip."]
    assert bench.files() == {}


def test_announced_huge(bench) -> None:
    bench.left_bytes = 1 << 30
    with pytest.raises(BadArchive):
        bench.unpack(raw_zip([(b"f/a", b"x")], size=0xFFFFFFF0))


def test_very_many_files(bench) -> None:
    with pytest.raises(BadArchive, match="more than 10000 things"):
        bench.unpack(raw_zip([(b"f/%d" % number, b"") for number in range(10_001)], method=0))


def test_a_table_of_contents_that_would_fill_the_memory(bench) -> None:
    """300,000 entries that all say the same; half a gigabyte of objects, were they all read."""
    entry = b"PK\1\2" + bytes(42)
    directory = entry * 300_000
    end = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    with pytest.raises(BadArchive):
        bench.unpack(directory + b"PK\5\6" + end)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - before < 40 * MIB


def test_a_zip_in_a_zip_stays_packed(bench) -> None:
    inner = zip_of({"a": b"\0" * MIB})
    bench.unpack(zip_of({"f/inner.zip": inner}))
    assert list(bench.files()) == ["f/inner.zip"]


def test_folders_in_each_other(bench) -> None:
    done = bench.unpack(raw_zip([(b"f/" + b"d/" * 60 + b"a", b"x"), (b"f/b", b"b")], method=0))
    assert sentences(done) == ["It lies too deep: at most 50 folders in each other."]
    assert list(bench.files()) == ["f/b"]


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [b"/etc/passwd", b"../outside", b"f/../../outside", b"f/..", b"..", b"..\\outside", b"f\\..\\..\\outside", b"",
     b"C:\\outside", b"C:/outside", b"//outside/x", b"f//x", b"f/x\0.py", b"/", b"x" * 256, b"f/" + b"x" * 300 + b"/a"],
)  # fmt: skip
@pytest.mark.parametrize("system", [0, 3])
def test_names_that_lead_elsewhere(bench, home, name, system) -> None:
    before = set(home.parent.parent.rglob("*"))
    done = bench.unpack(raw_zip([(name, b"evil"), (b"work/good", b"good")], method=0, system=system))
    assert list(bench.files()) == ["work/good"]
    assert len(done.failed) == 1
    new = set(home.parent.parent.rglob("*")) - before
    assert {path for path in new if not path.is_relative_to(home.parent.parent / "run")} == {
        home / "work",
        home / "work" / "good",
    }


@pytest.mark.parametrize("flags", [0, 0x800])
def test_names_in_odd_letters(bench, flags) -> None:
    names = ["f/\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "f/new\nline", "f/'\"<script>", "f/．．／x", "f/ ", "f/-rf"]
    done = bench.unpack(raw_zip([(name.encode(), b"x") for name in names], flags=flags))
    assert (done.files, done.failed) == (6, [])
    assert set(bench.files()) == set(names)


def test_the_same_name_twice(bench) -> None:
    entries = [(b"f/a", b"first"), (b"f/a", b"second"), (b"f/./a", b"third")]
    done = bench.unpack(raw_zip(entries, method=0), replace=True)
    assert bench.files() == {"f/a": b"first"}
    assert sentences(done) == ["This name is in the zip more than once. The first was unpacked."] * 2


def test_a_name_that_differs_in_the_file_s_own_header(bench) -> None:
    packed = raw_zip([(b"f/a", b"x"), (b"f/b", b"y")], method=0).replace(b"f/a", b"../", 1)
    done = bench.unpack(packed)
    assert (sentences(done), bench.files()) == (["This is damaged in the zip."], {"f/b": b"y"})


# --- kinds -----------------------------------------------------------------------------------------------------------


def test_links(bench, home) -> None:
    """And what would be written through them."""
    link = {"external_attr": (stat.S_IFLNK | 0o777) << 16}
    done = bench.unpack(
        zip_of_entries([("f/out", b"/etc", link), ("f/out/passwd", b"evil", {}), ("f/up", b"../..", link)])
    )
    assert sentences(done) == ["This is a link, and links are not unpacked."] * 2
    assert bench.files() == {"f/out/passwd": b"evil"}
    assert not (home / "f" / "out").is_symlink()


def test_through_a_link_that_is_in_the_home(bench, home, tmp_path) -> None:
    (home / "f").mkdir()
    (home / "f" / "out").symlink_to(tmp_path)
    (tmp_path / "target").write_bytes(b"untouched")
    (home / "f" / "file").symlink_to(tmp_path / "target")
    done = bench.unpack(zip_of({"f/out/x": b"evil", "f/file": b"evil"}), replace=True)
    assert (len(done.failed), done.files) == (2, 0)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["target"]
    assert (tmp_path / "target").read_bytes() == b"untouched"


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_special_files(bench, kind) -> None:
    done = bench.unpack(zip_of({"f/a": b""}, external_attr=kind << 16))
    assert sentences(done) == ["This is neither a file nor a folder."]


def test_encrypted(bench) -> None:
    done = bench.unpack(raw_zip([(b"f/a", b"x")], flags=1))
    assert "This is encrypted" in sentences(done)[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93, 99])
def test_other_ways_to_pack(bench, method) -> None:
    """LZMA may ask for gigabytes of memory."""
    packed = bytearray(raw_zip([(b"f/a", b"x")], method=0))
    for where in (8, packed.index(b"PK\1\2") + 10):
        struct.pack_into("<H", packed, where, method)
    assert "packed in a way" in sentences(bench.unpack(bytes(packed)))[0]


def test_very_many_failures_are_counted(bench) -> None:
    done = bench.unpack(raw_zip([(b"../%d" % number, b"") for number in range(1000)], method=0))
    assert (len(done.failed), done.more_failed) == (unpack.FAILED_MAX, 1000 - unpack.FAILED_MAX)


def test_noise_is_no_zip(bench) -> None:
    """Damaged zips: each is refused or unpacked in part, and never more than that."""
    whole = zip_of({"f/a": b"a" * 100, "f/b/c": b"b" * 100})
    for _ in range(200):
        packed = bytearray(whole)
        for _ in range(3):
            packed[int.from_bytes(os.urandom(4)) % len(packed)] = os.urandom(1)[0]
        try:
            bench.unpack(bytes(packed), replace=True)
        except (BadArchive, unpack.Taken):
            continue
    assert all(len(data) <= 100 for data in bench.files().values())

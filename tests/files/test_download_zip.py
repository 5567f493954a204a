"""Several things as one zip: read again by the program that everybody has, and by Python."""

from __future__ import annotations

import io
import os
import shutil
import tracemalloc
import zipfile
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync

from files import archive
from files.archive import PIECE_BYTES, READ_MAX_BYTES, Archive, Packing, check
from files.faults import TooLarge
from files.lookup import NotThere


def pack(home_fd: int, *paths: bytes) -> zipfile.ZipFile:
    return opened(Packing(home_fd, [parts_of(path) for path in paths]))


def opened(packing: Packing) -> zipfile.ZipFile:
    packed = zipfile.ZipFile(io.BytesIO(b"".join(packing.pieces())))
    assert packed.testzip() is None
    return packed


def parts_of(path: bytes) -> tuple[bytes, ...]:
    return tuple(path.split(b"/")) if path else ()


def notes(packed: zipfile.ZipFile) -> str:
    return packed.read("Left out.txt").decode()


@pytest.fixture
def tree(home):
    (home / "f" / "empty").mkdir(parents=True)
    (home / "f" / "a.py").write_bytes(b"print(1)")
    (home / "f" / ".hidden").write_bytes(b"h")
    (home / "b.txt").write_bytes(b"x" * 100_000)
    return home


def test_a_folder_with_all_in_it(tree, home_fd) -> None:
    packed = pack(home_fd, b"f")
    assert sorted(packed.namelist()) == ["f/", "f/.hidden", "f/a.py", "f/empty/"]
    assert packed.read("f/a.py") == b"print(1)"


def test_a_selection(tree, home_fd) -> None:
    (tree / "f" / "b.txt").write_bytes(b"another")
    packed = pack(home_fd, b"b.txt", b"f/a.py", b"f/b.txt")
    assert sorted(packed.namelist()) == ["a.py", "b (2).txt", "b.txt"]
    assert packed.read("b (2).txt") == b"another"


def test_the_whole_home(tree, home_fd) -> None:
    assert "home/f/a.py" in pack(home_fd, b"").namelist()


def test_names_of_any_bytes_come_back_as_they_were(home, home_fd) -> None:
    names = [
        b"plain",
        "é ü 漢".encode(),
        b"\xff\xfe",
        b"caf\xe9",
        b"new\nline",
        b"back\\slash",
        b"\"quote'",
        b"\xe2\x80\xaegpj.exe",
    ]
    for name in names:
        (home / os.fsdecode(name)).write_bytes(name)
    packed = pack(home_fd, b"")
    flags = {
        info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")[5:]: info.flag_bits & 0x800
        for info in packed.infolist()[1:]
    }
    assert flags == {name: 0x800 if name in (names[1], names[7]) else 0 for name in names}


def test_links_and_special_files_are_left_out_and_named(tree, home_fd) -> None:
    (tree / "f" / "link").symlink_to("a.py")
    (tree / "f" / "out").symlink_to("/etc")
    os.mkfifo(tree / "f" / "fifo")
    packed = pack(home_fd, b"f", b"missing")
    assert sorted(packed.namelist()) == ["Left out.txt", "f/", "f/.hidden", "f/a.py", "f/empty/"]
    for line in ("f/link: is a link", "f/out: is a link", "f/fifo: is not a file", "missing: is not there"):
        assert line in notes(packed)


def test_a_file_of_that_name_keeps_it(home, home_fd) -> None:
    (home / "Left out.txt").write_bytes(b"mine")
    packed = pack(home_fd, b"Left out.txt", b"missing")
    assert packed.read("Left out.txt") == b"mine"
    assert b"missing" in packed.read("Left out (2).txt")


def change_at(monkeypatch, count: int, change) -> None:
    """Calls `change` at the count-th reading of a file."""
    reads = []

    def read(self, file, size, entry):
        reads.append(entry.parts)
        if len(reads) == count:
            change()
        return os.read(file, size)

    monkeypatch.setattr(Packing, "read", read)


def test_a_file_that_becomes_shorter_breaks_nothing(home, home_fd, monkeypatch) -> None:
    (home / "a").write_bytes(b"x" * 1_000_000)
    (home / "b").write_bytes(b"later")
    change_at(monkeypatch, 2, lambda: os.truncate(home / "a", 300_000))
    packed = pack(home_fd, b"a", b"b")
    assert (len(packed.read("a")), packed.read("b")) == (300_000, b"later")
    assert "a: became shorter" in notes(packed)


def test_a_file_that_becomes_longer_ends_where_it_did(home, home_fd, monkeypatch) -> None:
    (home / "a").write_bytes(b"x" * 1000)
    change_at(monkeypatch, 1, lambda: os.truncate(home / "a", 1 << 40))
    assert pack(home_fd, b"a").read("a") == b"x" * 1000


def test_a_folder_that_vanishes_meanwhile(tree, home_fd, monkeypatch) -> None:
    (tree / "f" / "z").mkdir()
    (tree / "f" / "z" / "deep").write_bytes(b"x")
    change_at(monkeypatch, 1, lambda: shutil.rmtree(tree / "f"))
    packed = pack(home_fd, b"f", b"b.txt")
    assert len(packed.read("b.txt")) == 100_000


def test_a_folder_replaced_by_a_link_shows_nothing_of_elsewhere(tree, home_fd, tmp_path, monkeypatch) -> None:
    (tmp_path / "secret").write_bytes(b"secret")

    def swap() -> None:
        shutil.rmtree(tree / "f" / "empty")
        (tree / "f" / "empty").symlink_to(tmp_path)

    change_at(monkeypatch, 1, swap)
    packed = pack(home_fd, b"f")
    assert not any("secret" in name for name in packed.namelist())


def test_memory_is_bounded(home, home_fd) -> None:
    """However large the file, and however badly it packs."""
    with (home / "a").open("wb") as file:
        for _ in range(40):
            file.write(os.urandom(1 << 20))
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    size = sum(len(piece) for piece in Packing(home_fd, [(b"a",)]).pieces())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 40 << 20
    assert most - before < 4 << 20


def test_too_much_is_refused_before_anything_is_sent(home, home_fd, settings, monkeypatch) -> None:
    (home / "a").write_bytes(b"")
    os.truncate(home / "a", 3 << 20)
    settings.IVLE_ZIP_MAX_MB = 2
    with pytest.raises(TooLarge, match="This is 3 MB, and a zip can have 2 MB"):
        check(home_fd, [(b"a",)])
    settings.IVLE_ZIP_MAX_MB = 3
    check(home_fd, [(b"a",)])
    monkeypatch.setattr(archive, "ENTRIES_MAX", 2)
    with pytest.raises(TooLarge, match="more than 2 files"):
        check(home_fd, [(b"a",)] * 3)


def test_what_is_not_there(tree, home_fd) -> None:
    check(home_fd, [(b"missing",), (b"b.txt",)])
    with pytest.raises(NotThere):
        check(home_fd, [(b"missing",)])


# --- by the API ------------------------------------------------------------------------------------------------------


def body(answer) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(read)()


def test_by_the_api(tree, script) -> None:
    answer = script.client.get(f"/api/files/zip?path=f&path={quote('b.txt')}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''student.zip"
    packed = zipfile.ZipFile(io.BytesIO(body(answer)))
    assert {"f/a.py", "b.txt"} <= set(packed.namelist())
    assert script.get("/zip", path="f")["Content-Disposition"].endswith("f.zip")


def test_nothing_of_others(tree, script, classmate, client_of, administrator) -> None:
    assert client_of(classmate).get("/api/files/zip?path=f&owner=student").status_code == 404
    assert client_of(administrator).get("/api/files/zip?path=f&owner=student").status_code == 200
    assert script.get("/zip", path="missing").status_code == 404
    assert script.get("/zip").status_code == 422


def test_descriptors_are_given_back_where_nobody_reads(tree, script) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        script.get("/zip", path="f").close()
    assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_a_piece_is_little_work_also_where_it_packs_to_nothing(home, home_fd, monkeypatch) -> None:
    """Zeros become a thousandth: a full piece of them would be a quarter of a gigabyte to read."""
    with open(home / "zeros", "wb") as file:
        file.truncate(6 * READ_MAX_BYTES)
    read_bytes: list[int] = []
    reading = os.read
    monkeypatch.setattr(os, "read", lambda file, count: read_bytes.append(count) or reading(file, count))
    archive = Archive(os.dup(home_fd), [(b"zeros",)])
    most = 0
    pieces = []
    while (piece := archive.next_piece()) is not None:
        most = max(most, sum(read_bytes))
        read_bytes.clear()
        pieces.append(piece)
    archive.close()
    assert most <= READ_MAX_BYTES + PIECE_BYTES
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made:
        assert made.read("zeros") == bytes(6 * READ_MAX_BYTES)

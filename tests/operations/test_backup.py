"""Backups: what is in one, that it is whole, and that it comes back as it was."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import socket
import sqlite3
import stat
import subprocess
import tarfile
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from operations.backups import keeping, making, manifest, restoring, snapshot, source, tar_stream
from operations.backups.checking import check
from operations.backups.faults import BackupFault
from operations.backups.reading import read_backup
from tests.operations.conftest import point_at, tree_of

pytestmark = pytest.mark.usefixtures("no_leftovers")


def write_odd_things(home: Path) -> None:
    (home / "hello.py").write_text("print(1)\n")
    (home / "program").write_bytes(b"#!/bin/sh\n")
    (home / "program").chmod(0o750)
    (home / "empty").touch()
    (home / ("n" * 255)).write_text("a long name")
    odd = os.fsencode(home) + b"/\xff\xfe and\na line\\ \r"
    with open(odd, "wb") as file:
        file.write(b"not UTF-8")
    os.symlink(b"\xff", os.fsencode(home) + b"/link to bytes")
    os.symlink("/etc", home / "etc")
    os.symlink("/etc/passwd", home / "passwd")
    (home / "folder").mkdir(mode=0o711)
    (home / "folder" / "inner").write_text("x")
    os.utime(home / "hello.py", ns=(5, 1_700_000_000_123_456_789))
    os.utime(home / "empty", ns=(5, -1_500_000_001))
    os.utime(home / "etc", ns=(5, 12_345), follow_symlinks=False)
    os.utime(home / "folder", ns=(5, 987_654_321))


def test_everything_comes_back_as_it_was(home, restored) -> None:
    write_odd_things(home)
    before = tree_of(home)
    assert len(before) == 10
    assert tree_of(restored()) == before


def test_the_database_comes_back_and_what_may_vanish_does_not(data, home, restored) -> None:
    for name in ("trash/student/t", "versions/student/v", "courses/1/1.zip", "uploads/student/u", "run/r", "later"):
        (data / name).write_text(name)
    new = restored().parent.parent
    with closing(sqlite3.connect(new / "db.sqlite3")) as database:
        assert database.execute("SELECT name FROM people").fetchall() == [("Sam",)]
    assert {path.name for path in new.iterdir()} == {
        "db.sqlite3",
        "homes",
        "trash",
        "versions",
        "courses",
        "run",
        "later",
    }
    assert (new / "courses" / "1" / "1.zip").read_text() == "courses/1/1.zip"
    assert not (new / "run" / "r").exists()


def test_what_students_pythons_have_is_listed_in_it(data, back_up, place, settings, tmp_path) -> None:
    settings.IVLE_RUNTIMES, settings.IVLE_RUNTIME = data / "runtimes", tmp_path / "none"
    state = data / "runtimes" / "science" / "1"
    for name in ("pandas-2.2.3", "numpy-2.0.0"):
        folder = state / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info"
        folder.mkdir(parents=True)
        project, _, version = name.partition("-")
        (folder / "METADATA").write_text(f"Name: {project}\nVersion: {version}\n")
    (data / "runtimes" / "science" / "current").symlink_to("1")
    back_up()
    with tarfile.open(place) as tar:
        assert b"science: numpy==2.0.0 pandas==2.2.3\n" in tar.extractfile("environments.txt").read()
        assert not [name for name in tar.getnames() if name.startswith("runtimes")]


def test_two_names_of_a_file_stay_one_file(home, restored) -> None:
    (home / "first").write_text("x" * 1000)
    (home / "closed").mkdir()
    os.link(home / "first", home / "closed" / "second")
    (home / "closed").chmod(0o500)
    new = restored()
    assert (new / "first").stat().st_ino == (new / "closed" / "second").stat().st_ino
    assert stat.S_IMODE((new / "closed").stat().st_mode) == 0o500


@pytest.mark.parametrize("content", ["hole", "hole and end", "islands"])
def test_holes_stay_holes(home, restored, back_up, place, content: str) -> None:
    with (home / "large").open("wb") as file:
        if content == "hole and end":
            file.seek(40_000_000)
            file.write(b"end")
        for island in range(50 if content == "islands" else 0):
            file.seek(island * 1_000_000)
            file.write(b"island")
        file.truncate(64_000_000)
    digest = hashlib.sha256((home / "large").read_bytes()).hexdigest()
    new = restored() / "large"
    assert hashlib.sha256(new.read_bytes()).hexdigest() == digest
    assert new.stat().st_blocks * 512 < 2_000_000
    assert place.stat().st_size < 200_000


def test_any_tar_unpacks_it_and_sha256sum_checks_it(home, back_up, place, tmp_path) -> None:
    write_odd_things(home)
    (home / "hole").touch()
    os.truncate(home / "hole", 20_000_000)
    back_up()
    (tmp_path / "by tar").mkdir()
    subprocess.run(["tar", "-xf", place, "-C", tmp_path / "by tar"], check=True, capture_output=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "by tar", check=True)
    unpacked, before = tree_of(tmp_path / "by tar" / "homes" / "student"), tree_of(home)
    before.pop(b"empty")  # GNU tar warns of a time before 1970, and rounds it
    unpacked.pop(b"empty")
    assert unpacked == before


def test_links_are_kept_and_never_followed(home, back_up, place, tmp_path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("the secret")
    os.symlink(tmp_path / "secret", home / "folder")
    os.symlink(tmp_path / "secret" / "key", home / "file")
    back_up()
    with tarfile.open(place) as tar:
        assert [tar.getmember(f"homes/student/{name}").type for name in ("folder", "file")] == [tarfile.SYMTYPE] * 2
    assert b"the secret" not in gzip.decompress(place.read_bytes())


def test_a_link_in_a_folders_place_is_not_entered(data, home, monkeypatch, tmp_path, back_up, place) -> None:
    """A program swaps the two in the moment between."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("the secret")
    (home / "folder").mkdir()
    honest = source.find_entry

    def swap_and_find(folder: source.Found, name: bytes, *rest: object):
        if name == b"folder" and not (home / "folder").is_symlink():
            (home / "folder").rmdir()
            os.symlink(tmp_path / "secret", home / "folder")
        return honest(folder, name, *rest)

    monkeypatch.setattr(source, "find_entry", swap_and_find)
    back_up()
    assert b"the secret" not in gzip.decompress(place.read_bytes())


def test_what_the_administrator_put_elsewhere_by_a_link_is_in_it(data, restored, tmp_path) -> None:
    (data / "homes" / "student" / "a").write_text("a")
    (data / "homes").rename(tmp_path / "other disk")
    os.symlink(tmp_path / "other disk", data / "homes")
    assert (restored() / "a").read_text() == "a"


def test_special_files_are_left_out_and_told(home, back_up, place) -> None:
    os.mkfifo(home / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(home / "door"))
        made = back_up()
    assert sorted(made.notes.lines) == [
        b"homes/student/door: is a pipe, a socket or a device\n",
        b"homes/student/pipe: is a pipe, a socket or a device\n",
    ]
    with tarfile.open(place) as tar:
        assert tar.extractfile("left-out.txt").read() == b"".join(made.notes.lines)


def test_folders_deeper_than_can_be_held_are_told(home, back_up) -> None:
    here = os.open(home, os.O_RDONLY)
    for _level in range(source.DEPTH_MAX + 10):
        os.mkdir("d" * 100, dir_fd=here)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        made = back_up()
    finally:
        subprocess.run(["rm", "-rf", home / ("d" * 100)], check=True)  # pytest cannot: the path is too long
    assert made.notes.count == 1
    assert made.notes.lines[0].endswith(b": what is in it lies too deep\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.skips_in_ci(reason="runs there as somebody without privileges")
def test_what_its_owner_closed_is_in_it_and_stays_closed(home, restored) -> None:
    check_closed(home, restored)


def check_closed(home: Path, restored) -> None:
    (home / "closed").mkdir()
    (home / "closed" / "file").write_text("inside")
    (home / "closed" / "file").chmod(0)
    (home / "closed").chmod(0)
    new = restored()
    for folder in (home / "closed", new / "closed"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0
        folder.chmod(0o700)
        assert stat.S_IMODE((folder / "file").stat().st_mode) == 0
    (new / "closed" / "file").chmod(0o600)
    assert (new / "closed" / "file").read_text() == "inside"


def test_what_is_deleted_or_changed_meanwhile_breaks_nothing(data, home, restored) -> None:
    """Ten seconds of work in a blink: one thread writes, renames and deletes while the backup is made."""
    for number in range(300):
        (home / f"{number}").write_text("x" * number)
    ended = threading.Event()

    def disturb() -> None:
        while not ended.is_set():
            for number in range(0, 300, 7):
                (home / f"{number}").unlink(missing_ok=True)
                (home / f"{number}").write_text("y" * 5000)
                (home / f"{number}").rename(home / f"{number + 1}")
                (home / "folder").mkdir(exist_ok=True)
                (home / "folder").rmdir()

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        new = restored()
    finally:
        ended.set()
        thread.join()
    assert (new / "10").read_text() == "x" * 10
    assert len(list(new.iterdir())) > 200


def test_a_file_that_becomes_shorter_is_told(home, back_up, place, monkeypatch) -> None:
    """The archive stays whole; whoever reads it learns which file is doubtful."""
    (home / "large").write_bytes(os.urandom(tar_stream.STEADY_MAX_BYTES + 1))
    honest = tar_stream.pieces

    def shrink(file: int, segments: list[tuple[int, int]], size: int, *rest: object):
        os.truncate(home / "large", 1000)
        return honest(file, segments, size, *rest)

    monkeypatch.setattr(tar_stream, "pieces", shrink)
    made = back_up()
    assert made.notes.lines == [b"homes/student/large: changed while it was read, so it may be of two moments\n"]
    with place.open("rb") as stream:
        check(stream)


def test_a_small_file_is_of_one_moment(home, restored, monkeypatch) -> None:
    (home / "small").write_text("a" * 100)
    honest = tar_stream.pieces
    reads = []

    def write_between(file: int, segments: list[tuple[int, int]], size: int, *rest: object):
        yield from honest(file, segments, size, *rest)
        if not reads and size == 100:
            reads.append(1)
            (home / "small").write_text("b" * 50)

    monkeypatch.setattr(tar_stream, "pieces", write_between)
    assert (restored() / "small").read_text() == "b" * 50


def test_the_database_is_of_one_moment_while_it_is_written(data, back_up, place, tmp_path) -> None:
    """Two rows change together, all the time; in the backup they agree."""
    with closing(sqlite3.connect(data / "db.sqlite3")) as database:
        database.execute("CREATE TABLE counts (id, value, ballast)")
        database.executemany("INSERT INTO counts VALUES (?, 0, ?)", [(n, "x" * 4000) for n in range(2000)])
        database.commit()
    ended = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data / "db.sqlite3", timeout=10)) as writer:
            while not ended.is_set():
                writer.execute("UPDATE counts SET value = value + 1 WHERE id IN (0, 1999)")
                writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        back_up()
    finally:
        ended.set()
        thread.join()
    with tarfile.open(place) as tar:
        (tmp_path / "db.sqlite3").write_bytes(tar.extractfile("db.sqlite3").read())
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        [(first,), (last,)] = database.execute("SELECT value FROM counts WHERE id IN (0, 1999)").fetchall()
    assert first == last


# --- it is whole, or it is not there ----------------------------------------------------------------------------


def test_a_backup_that_fails_leaves_nothing_and_keeps_the_old_ones(data, home, back_up, place, monkeypatch) -> None:
    (place.parent / "old.tar.gz").write_text("old")
    monkeypatch.setattr(making.Counted, "write", full_after(3))
    with pytest.raises(BackupFault, match=r"not enough room in .*backups"):
        back_up()
    assert [path.name for path in place.parent.iterdir()] == ["old.tar.gz"]


def full_after(count: int):
    left = [count]

    def write(self: making.Counted, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return len(data)

    return write


def test_one_that_nobody_takes_in_is_told(data, home) -> None:
    """`manage.py backup - | ssh elsewhere`, and the connection is lost."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb", buffering=0) as stream, pytest.raises(BackupFault, match="ended before it was whole"):
        making.make_stream(stream)


def test_it_has_its_name_only_when_it_is_whole(data, back_up, place, monkeypatch) -> None:
    seen = []
    honest = tar_stream.TarStream.finish

    def look(self: tar_stream.TarStream) -> None:
        honest(self)
        seen.append(place.exists())

    monkeypatch.setattr(tar_stream.TarStream, "finish", look)
    back_up()
    assert seen == [False]
    assert place.exists()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_what_a_killed_backup_left_goes_with_the_next(data, back_up, place) -> None:
    left = place.parent / f"{making.DRAFT}left"
    left.mkdir()
    (left / "half").write_text("x")
    os.utime(left, (0, 0))
    back_up()
    assert not left.exists()


def test_what_another_one_is_writing_stays(data, back_up, place) -> None:
    with making.draft_beside(place) as other:
        os.utime(other, (0, 0))
        back_up()
        assert other.exists()


def test_it_is_never_written_over_another_or_into_the_data(data, back_up, place) -> None:
    place.write_text("something")
    with pytest.raises(BackupFault, match="is there already"):
        back_up()
    with pytest.raises(BackupFault, match="would be lost with it"):
        making.make_file(data / "homes" / "b.tar.gz")
    with pytest.raises(BackupFault, match="There is no folder"):
        making.make_file(data / "nowhere" / "b.tar.gz")


def test_the_newest_are_kept(tmp_path) -> None:
    tmp_path /= "kept"
    tmp_path.mkdir()
    names = [f"ivle-2026010{day}-030000.tar.gz" for day in range(1, 6)]
    for name in (*names, "ivle-20250101-000000.tar.gz.copy", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in keeping.remove_old(tmp_path, 2)] == names[:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*names[3:], "ivle-20250101-000000.tar.gz.copy", "notes.txt"]
    )
    assert keeping.NAME.fullmatch(keeping.name_now())


def test_it_needs_little_memory(home, back_up) -> None:
    import tracemalloc

    (home / "large").write_bytes(b"x" * 100_000_000)
    for number in range(3000):
        (home / f"{number}").touch()
    tracemalloc.start()
    back_up()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32_000_000


# --- damage ------------------------------------------------------------------------------------------------------


def test_a_whole_one_is_found_whole(home, back_up, place) -> None:
    write_odd_things(home)
    made = back_up()
    with place.open("rb") as stream:
        checked = check(stream)
    assert checked.files == made.files
    assert made.digest == hashlib.sha256(place.read_bytes()).hexdigest()
    assert made.size_bytes == place.stat().st_size


@pytest.mark.parametrize("left", [0.999, 0.9, 0.5, 0.01, 0.0])
def test_one_that_was_cut_off_is_found_out(home, back_up, place, left: float) -> None:
    (home / "large").write_bytes(os.urandom(300_000))
    back_up()
    whole = place.read_bytes()
    with pytest.raises(BackupFault):
        check(io.BytesIO(whole[: int(len(whole) * left)]))


@pytest.mark.parametrize("at", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("packed", [True, False])
def test_a_bit_that_flipped_is_found_out(home, back_up, place, at: float, packed: bool) -> None:
    (home / "large").write_bytes(os.urandom(300_000))
    back_up()
    data = bytearray(place.read_bytes() if packed else gzip.decompress(place.read_bytes()))
    data[int(len(data) * at)] ^= 4
    with pytest.raises(BackupFault, match="damaged"):
        check(io.BytesIO(bytes(data)))


def test_the_file_that_is_damaged_is_named(home, back_up, place) -> None:
    (home / "mine.txt").write_text("what I wrote")
    back_up()
    plain = gzip.decompress(place.read_bytes()).replace(b"what I wrote", b"what I wr0te")
    with pytest.raises(BackupFault, match=r"homes/student/mine\.txt is not as it was written"):
        check(io.BytesIO(plain))


def test_a_damaged_database_is_never_backed_up_silently(data, back_up) -> None:
    with closing(sqlite3.connect(data / "db.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.executemany("INSERT INTO people VALUES (?)", [("x" * 3000,) for _ in range(50)])
        database.commit()
    with (data / "db.sqlite3").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xee" * 8192)
    with pytest.raises(BackupFault, match=r"damaged|cannot be copied"):
        back_up()


def test_something_else_is_no_backup(tmp_path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(__file__, "something.py")
    for content in ((tmp_path / "other.tar").read_bytes(), b"", b"hello", gzip.compress(b"hello")):
        with pytest.raises(BackupFault):
            check(io.BytesIO(content))


# --- restoring ---------------------------------------------------------------------------------------------------


def test_nothing_is_restored_over_data(data, home, back_up, place) -> None:
    (home / "mine").write_text("mine")
    back_up()
    with place.open("rb") as stream, pytest.raises(BackupFault, match=r"There is data already: backup\.json|courses"):
        restoring.restore(stream)
    assert (home / "mine").read_text() == "mine"
    assert not (data / "restoring").exists()


def test_nothing_is_restored_on_a_running_site(back_up, place, settings, tmp_path) -> None:
    back_up()
    point_at(settings, tmp_path / "new")
    (tmp_path / "new" / "run").mkdir(parents=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as supervisor:
        supervisor.bind(str(settings.IVLE_SANDBOX_SOCKET))
        supervisor.listen()
        with place.open("rb") as stream, pytest.raises(BackupFault, match="is running"):
            restoring.restore(stream)
    with restoring.alone(tmp_path / "other"):
        point_at(settings, tmp_path / "other")
        with place.open("rb") as stream, pytest.raises(BackupFault, match="ivle is running"):
            restoring.restore(stream)


def test_after_one_that_was_broken_off_somebody_has_to_look(back_up, place, settings, tmp_path) -> None:
    back_up()
    point_at(settings, tmp_path / "new")
    (tmp_path / "new" / "restoring").mkdir(parents=True)
    with place.open("rb") as stream, pytest.raises(BackupFault, match="A restore was broken off"):
        restoring.restore(stream)


def test_a_damaged_one_leaves_nothing(home, back_up, place, settings, tmp_path) -> None:
    (home / "mine.txt").write_text("what I wrote")
    back_up()
    plain = gzip.decompress(place.read_bytes()).replace(b"what I wrote", b"what I wr0te")
    point_at(settings, tmp_path / "new")
    with pytest.raises(BackupFault, match="damaged"):
        restoring.restore(io.BytesIO(plain))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


def test_a_full_disk_is_told_and_leaves_nothing(home, back_up, place, settings, tmp_path, monkeypatch) -> None:
    (home / "mine.txt").write_text("what I wrote")
    back_up()
    point_at(settings, tmp_path / "new")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(restoring, "write_at", full)
    with place.open("rb") as stream, pytest.raises(BackupFault, match=r"not enough room in .*new"):
        restoring.restore(stream)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


def test_one_of_a_newer_ivle_is_refused_in_words(back_up, place, settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(snapshot, "migrations_applied", lambda: ("accounts.0001_initial", "accounts.9999_later"))
    back_up()
    point_at(settings, tmp_path / "new")
    with place.open("rb") as stream, pytest.raises(BackupFault, match=r"newer ivle.*accounts\.9999_later"):
        restoring.restore(stream)
    with pytest.raises(BackupFault, match="newer ivle"):
        manifest.read_manifest(b'{"format": 2}')


def archive(*entries: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    """Begins as a backup does."""
    about = manifest.Manifest("2026-01-01T00:00:00+00:00", "sqlite", ("accounts.0001_initial",), os.getuid())
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        first = tarfile.TarInfo(manifest.NAME)
        first.size = len(about.as_bytes())
        tar.addfile(first, io.BytesIO(about.as_bytes()))
        for info, content in entries:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


def entry(name: str, kind: bytes = tarfile.REGTYPE, leads_to: str = "", content: bytes = b""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, leads_to, 0o4777
    return info, content


@pytest.mark.parametrize(
    "entries",
    [
        [entry("../evil", content=b"x")],
        [entry("/evil", content=b"x")],
        [entry("homes/../../evil", content=b"x")],
        [entry("homes/student/device", tarfile.CHRTYPE)],
        [entry("homes/link", tarfile.SYMTYPE, "{outside}"), entry("homes/link/evil", content=b"x")],
        [entry("homes", tarfile.SYMTYPE, "{outside}"), entry("homes/evil", content=b"x")],
        [entry("link", tarfile.SYMTYPE, "{outside}"), entry("evil", tarfile.LNKTYPE, "link/secret")],
        [entry("evil", tarfile.LNKTYPE, "../outside/secret")],
        [entry("homes", tarfile.SYMTYPE, "/etc")],
        [entry("db.sqlite3", content=b"x"), entry("homes/m", tarfile.LNKTYPE, "db.sqlite3")],
        [entry("homes/a/x", content=b"x"), entry("homes/b/x", tarfile.LNKTYPE, "homes/a/x")],
        [entry("homes/a/x", content=b"x"), entry("homes/a/y", tarfile.LNKTYPE, "homes/a/../a/x")],
        [entry("runtimes/standard/current", content=b"x")],
        [entry("db.sqlite3-wal", content=b"x")],
        [entry("run", tarfile.DIRTYPE)],
        [entry("restoring/x", content=b"x")],
    ],
)
def test_no_entry_reaches_out_of_the_data_folder(settings, tmp_path, entries) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    point_at(settings, tmp_path / "new")
    for info, _content in entries:
        info.linkname = info.linkname.replace("{outside}", str(outside))
    with pytest.raises(BackupFault, match=r"has an entry|cannot be used"):
        restoring.restore(archive(*entries))
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert not (tmp_path / "evil").exists()
    assert not Path("/evil").exists()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.skips_in_ci(reason="is run there as root as well")
def test_homes_belong_to_whom_programs_run_as_here(home, back_up, place, settings, tmp_path) -> None:
    """Another machine has another number for them."""
    (home / "theirs").touch()
    os.symlink("theirs", home / "link")
    (home / "ours").touch()
    for path in (home, home / "theirs", home / "link"):
        os.lchown(path, settings.IVLE_JAIL_UID, settings.IVLE_JAIL_UID)
    back_up()
    settings.IVLE_JAIL_UID += 1
    point_at(settings, tmp_path / "new")
    with place.open("rb") as stream:
        restoring.restore(stream)
    new = tmp_path / "new" / "homes" / "student"
    owners = {path.name: path.lstat().st_uid - settings.IVLE_JAIL_UID for path in (new, *new.iterdir())}
    assert owners == {"student": 0, "theirs": 0, "link": 0, "ours": -settings.IVLE_JAIL_UID}


def test_no_set_user_id_bit_comes_back(home, restored) -> None:
    (home / "program").touch()
    (home / "program").chmod(0o6755)
    assert stat.S_IMODE((restored() / "program").stat().st_mode) == 0o755


def test_a_site_does_not_start_on_half_a_restore(tmp_path) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from ivle import data_folder

    (tmp_path / "restoring").mkdir()
    with pytest.raises(ImproperlyConfigured, match="restored"):
        data_folder.prepare(tmp_path, os.getuid())


def test_when_the_last_one_was_made_is_known(data, back_up) -> None:
    assert making.last_made() is None
    made = back_up()
    assert abs((making.last_made() - made.moment).total_seconds()) < 1
    assert time.time() - made.moment.timestamp() < 60


def test_reading_knows_every_time_to_the_nanosecond(home, back_up, place) -> None:
    for number, time_ns in enumerate((0, 1, -1, -1_500_000_000, 2**33 * 10**9 + 7)):
        (home / f"{number}").touch()
        os.utime(home / f"{number}", ns=(0, time_ns))
    times = sorted(path.stat().st_mtime_ns for path in home.iterdir())
    back_up()
    with place.open("rb") as stream:
        _about, entries = read_backup(stream)
        read = sorted(
            found.modified_ns for found in entries if found.parts[:2] == (b"homes", b"student") and len(found.parts) > 2
        )
    assert read == times

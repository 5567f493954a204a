"""Backups when something goes wrong: what is moved or unreadable meanwhile, half a restore, an archive of another."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
import stat
import tarfile
import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from ivle import data_folder
from operations.backups import checking, making, postgresql, restoring, source, tar_stream
from operations.backups.checking import check
from operations.backups.faults import BackupFault, in_words
from operations.management.commands import backup as backup_command
from operations.management.commands import restore as restore_command
from tests.operations.conftest import point_at
from tests.operations.test_backup import archive, entry

pytestmark = pytest.mark.usefixtures("no_leftovers")


# --- what is moved while it is looked at -------------------------------------------------------------------------


def once_at(monkeypatch, path: bytes, act) -> None:
    """Before what is called so is looked at for the first time."""
    honest = source.find_entry
    done = []

    def look(folder: source.Found, name: bytes, *rest: object):
        if folder.path + b"/" + name == path and not done:
            done.append(1)
            act()
        return honest(folder, name, *rest)

    monkeypatch.setattr(source, "find_entry", look)
    monkeypatch.setattr(
        source, "names_in", lambda folder: iter(sorted(map(os.fsencode, os.listdir(folder_at(folder)))))
    )


def folder_at(folder: int) -> str:
    return f"/proc/self/fd/{folder}"


def names_of(place: Path) -> list[str]:
    with tarfile.open(place) as tar:
        return [member.name for member in tar if member.isreg()]


def make(home: Path, *paths: str) -> None:
    for path in paths:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(path)
    for folder in (home, *home.rglob("*")):
        os.utime(folder, (1e9, 1e9))


def test_a_file_that_is_moved_to_what_was_seen_is_in_it(home, back_up, place, monkeypatch) -> None:
    make(home, "a/one", "z/two")
    once_at(monkeypatch, b"homes/student/z/two", lambda: (home / "z/two").rename(home / "a/two"))
    back_up()
    assert sorted(name for name in names_of(place) if "student" in name) == [
        "homes/student/a/one",
        "homes/student/a/two",
    ]


def test_a_folder_that_is_moved_before_it_is_listed_is_in_it(home, back_up, place, monkeypatch) -> None:
    """Its name was never seen, so nothing seems to be missing."""
    make(home, "a/one", "z/inner/two")
    once_at(monkeypatch, b"homes/student/z", lambda: (home / "z/inner").rename(home / "a/inner"))
    back_up()
    assert "homes/student/a/inner/two" in names_of(place)


def test_nothing_is_in_it_twice(home, restored, place, monkeypatch) -> None:
    """A second look is for what is new."""
    make(home, "a/one", "b")
    once_at(monkeypatch, b"homes/student/b", (home / "new").touch)
    os.link(home / "b", home / "c")
    (home / "closed").mkdir()
    (home / "closed" / "file").touch()
    (home / "closed").chmod(0o500)
    new = restored()
    with tarfile.open(place) as tar:
        names = [
            name for name in tar.getnames() if name.startswith("homes/student/") and not tar.getmember(name).isdir()
        ]
    assert len(names) == len(set(names)) == 5
    assert (new / "closed" / "file").exists()
    assert (new / "closed").stat().st_mode & 0o777 == 0o500


@pytest.mark.parametrize("closed", ["x", "x/y"])
def test_a_closed_folder_that_is_a_file_at_the_second_look(home, restored, monkeypatch, closed: str) -> None:
    def replace() -> None:
        shutil.rmtree(home / "x")
        (home / "x").write_text("a file")

    (home / closed).mkdir(parents=True)
    make(home, "z")
    (home / closed).chmod(0o500)
    once_at(monkeypatch, b"homes/student/z", replace)
    new = restored()
    assert (new / "x").read_text() == "a file"
    assert (new / "z").read_text() == "z"


def test_a_folder_that_was_opened_meanwhile_is_not_closed(home, restored, monkeypatch) -> None:
    def open_it() -> None:
        (home / "x").chmod(0o755)
        (home / "new").touch()

    make(home, "x/file", "z")
    (home / "x").chmod(0o500)
    once_at(monkeypatch, b"homes/student/z", open_it)
    assert stat.S_IMODE((restored() / "x").stat().st_mode) == 0o755


def test_a_first_name_that_is_a_folders_at_the_second_look(home, restored, monkeypatch) -> None:
    def replace() -> None:
        (home / "first").rename(home / "renamed")
        (home / "first").mkdir()

    make(home, "first", "z")
    os.link(home / "first", home / "second")
    once_at(monkeypatch, b"homes/student/z", replace)
    new = restored()
    assert (new / "first").is_dir()
    assert (new / "second").read_text() == "first"
    assert (new / "renamed").read_text() == "first"


@pytest.mark.parametrize("first", ["folder", "missing", "file/below"])
def test_a_second_name_that_cannot_be_is_told(home, place, back_up, settings, tmp_path, first) -> None:
    """As a backup of before had it."""
    make(home, "file", "folder/file")
    honest = tar_stream.TarStream.finish

    def add_link(self: tar_stream.TarStream) -> None:
        info = tarfile.TarInfo("homes/student/link")
        info.type, info.linkname = tarfile.LNKTYPE, f"homes/student/{first}"
        self.write_header(info)
        honest(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tar_stream.TarStream, "finish", add_link)
        back_up()
    point_at(settings, tmp_path / "new")
    with place.open("rb") as stream:
        told = restoring.restore(stream)
    assert told.left_out == ["homes/student/link: could not be linked"]
    assert (tmp_path / "new/homes/student/folder/file").read_text() == "folder/file"


def test_who_goes_on_moving_is_told(home, back_up, monkeypatch) -> None:
    make(home, "a/one", "z/two")
    honest = source.find_entry

    def stir(folder: source.Found, name: bytes, *rest: object):
        if name == b"a":
            (home / f"new {time.time_ns()}").touch()
        return honest(folder, name, *rest)

    monkeypatch.setattr(source, "find_entry", stir)
    made = back_up()
    assert made.notes.lines == [
        b"homes/student: something was moved or deleted in it all the time, and may be missing\n"
    ]


@pytest.mark.parametrize("way", ["deleted", "put back"])
def test_what_goes_to_the_trash_or_comes_back_meanwhile_is_in_it(data, home, back_up, place, monkeypatch, way) -> None:
    """Once the home was seen already, and once not yet."""
    make(home, "file")
    old, new = (
        data / "trash" / "student" / f"{micros:014x}{'0' * 16}" for micros in (1, time.time_ns() // 1000 + 10**9)
    )
    if way == "put back":
        old.mkdir()
        (old / "0").write_text("trash")
        (home / "file").unlink()
        act, moment = (lambda: (old / "0").rename(home / "0")), b"trash/student"
    else:
        new.mkdir()
        act, moment = (lambda: (home / "file").rename(new / "0")), b"homes/student"
    once_at(monkeypatch, moment, act)
    back_up()
    [found] = [name for name in names_of(place) if name.endswith(("/0", "/file"))]
    assert found == (f"trash/student/{new.name}/0" if way == "deleted" else "homes/student/0")


def test_where_it_lies_is_known(data, back_up, monkeypatch) -> None:
    back_up()
    assert making.is_last_beside_data()
    making.make_stream(io.BytesIO())
    assert not making.is_last_beside_data()


def test_lists_of_versions_come_before_what_they_name(data, back_up, place) -> None:
    make(data / "versions" / "student", "contents/ab/c", "lists/one", "held")
    back_up()
    names = [name for name in names_of(place) if name.startswith("versions")]
    assert names == [f"versions/student/{name}" for name in ("lists/one", "held", "contents/ab/c")]


def test_a_file_of_the_administrators_by_a_link_is_in_it(data, back_up, place, tmp_path) -> None:
    (tmp_path / "notes").write_text("notes")
    os.symlink(tmp_path / "notes", data / "notes")
    os.mkfifo(data / "pipe")
    made = back_up()
    assert "notes" in names_of(place)
    assert made.notes.lines == [b"pipe: is a pipe, a socket or a device\n"]


def test_without_the_disk_of_the_homes_there_is_no_backup(data, back_up, place, tmp_path) -> None:
    (data / "homes").rename(tmp_path / "homes")
    os.symlink(tmp_path / "not mounted", data / "homes")
    with pytest.raises(BackupFault, match=r"homes in the data folder leads to nothing"):
        back_up()
    assert not place.exists()


@pytest.mark.parametrize("path", ["homes", "homes/student/bad"])
def test_a_folder_that_the_disk_does_not_give(data, home, back_up, monkeypatch, path: str) -> None:
    (home / "bad").mkdir()
    honest = source.names_in

    def names_in(folder: int):
        if os.readlink(f"/proc/self/fd/{folder}").endswith(path):
            raise OSError(errno.EIO, "Input/output error")
        return honest(folder)

    monkeypatch.setattr(source, "names_in", names_in)
    if path == "homes":
        with pytest.raises(BackupFault, match="Input/output error"):
            back_up()
    else:
        assert back_up().notes.lines == [b"homes/student/bad: this folder cannot be read\n"]


@pytest.mark.parametrize("name", [5, None, "/x\x1b", b"/y\x1b"])
def test_every_fault_of_the_system_becomes_a_sentence(tmp_path, name: object) -> None:
    with (
        pytest.raises(BackupFault, match=r"(/[xy]\\x1b|x-folder) cannot be used: Input") as caught,
        in_words(Path("x-folder")),
    ):
        raise OSError(errno.EIO, "Input/output error", name)
    assert "\x1b" not in str(caught.value)


# --- a disk that is failing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1000, 20_000_000])
def test_a_bad_sector_is_told_and_stops_nothing(home, restored, monkeypatch, size: int) -> None:
    (home / "bad").write_bytes(b"b" * size)
    (home / "good").write_bytes(b"good")
    honest = os.pread

    def pread(file: int, length: int, position: int) -> bytes:
        is_bad = os.readlink(f"/proc/self/fd/{file}").endswith("/bad")
        if is_bad and position <= min(size - 1, 9_000_000) < position + length:
            raise OSError(errno.EIO, "Input/output error")
        return honest(file, length, position)

    monkeypatch.setattr(os, "pread", pread)
    told = []
    monkeypatch.setattr(making, "note_last", lambda made, _device: told.extend(made.notes.lines))
    new = restored()
    assert (new / "good").read_bytes() == b"good"
    if size == 1000:
        assert told == [b"homes/student/bad: cannot be read\n"]
        assert not (new / "bad").exists()
    else:
        assert told == [b"homes/student/bad: cannot be read everywhere: there are zeros in it\n"]
        content = (new / "bad").read_bytes()
        assert (len(content), content.count(0)) == (size, 4096)


# --- half a restore ----------------------------------------------------------------------------------------------


def test_half_a_restore_is_told_and_no_site_starts_on_it(back_up, place, settings, tmp_path, monkeypatch) -> None:
    back_up()
    new = tmp_path / "new"
    point_at(settings, new)
    monkeypatch.setattr(os, "sync", lambda: (new / "homes" / "x").mkdir(parents=True))
    with place.open("rb") as stream, pytest.raises(BackupFault, match=r"Half of it is in .* no site starts there"):
        restoring.restore(stream)
    assert (new / "restoring" / "homes" / "student").is_dir()
    with pytest.raises(ImproperlyConfigured, match="broken off"):
        data_folder.prepare(new, os.getuid())
    with place.open("rb") as stream, pytest.raises(BackupFault, match="was broken off before"):
        restoring.restore(stream)


def test_a_mount_point_is_refused_before_anything(back_up, place, settings, tmp_path, monkeypatch) -> None:
    back_up()
    new = tmp_path / "new"
    point_at(settings, new)
    (new / "homes").mkdir(parents=True)
    monkeypatch.setattr(restoring, "mount_of", lambda path: path.name)
    with place.open("rb") as stream, pytest.raises(BackupFault, match="homes is a disk of its own"):
        restoring.restore(stream)
    assert sorted(path.name for path in new.iterdir()) == ["homes", "run"]


def test_what_is_mounted_has_another_number() -> None:
    assert restoring.mount_of(Path("/proc")) != restoring.mount_of(Path("/"))
    assert restoring.mount_of(Path("/proc/self/task")) == restoring.mount_of(Path("/proc"))


# --- damage and other archives -----------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("at", [b"SQLite format 3", b"what I wrote"])
def test_one_that_is_cut_off_within_a_file_is_told(home, back_up, place, settings, tmp_path, packed, at) -> None:
    (home / "mine").write_bytes(b"what I wrote" * 100_000)
    back_up()
    whole = gzip.decompress(place.read_bytes())
    cut = whole[: whole.index(at) + 1500]
    cut = gzip.compress(cut, 0)[:-8] if packed else cut
    point_at(settings, tmp_path / "new")
    for act in (check, restoring.restore):
        with pytest.raises(BackupFault, match=r"damaged or not whole|end is missing"):
            act(io.BytesIO(cut))
    assert [path.name for path in (tmp_path / "new").glob("*")] in ([], ["run"])


@pytest.mark.parametrize("mtime", ["1" + "0" * 30, "x", "9" * 5000])
def test_a_time_that_is_none_is_told(settings, tmp_path, mtime: str) -> None:
    point_at(settings, tmp_path / "new")
    info, content = entry("homes/x", content=b"x")
    info.pax_headers = {"mtime": mtime}
    with pytest.raises(BackupFault, match="damaged"):
        restoring.restore(archive((info, content)))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


def test_a_missing_program_of_postgresqls_is_no_damage(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "copy").write_bytes(b"PGDMP")
    about = restoring.Manifest("2026-01-01T00:00:00+00:00", "postgresql", (), 1)
    with pytest.raises(postgresql.NotInstalled, match="pg_restore is not installed"):
        checking.check_copy(tmp_path / "copy", about)


# --- what is said ------------------------------------------------------------------------------------------------


def test_no_name_of_a_file_reaches_the_terminal_raw(home, back_up, place) -> None:
    os.mkfifo(os.fsencode(home) + b"/\x1b[2J\n\xff\xe2\x80\xae")
    made = back_up()
    assert made.notes.lines == [rb"homes/student/\x1b[2J\n\xff\u202e: is a pipe, a socket or a device" + b"\n"]


def test_the_systems_log_gets_the_number_alone(home, place, monkeypatch, tmp_path) -> None:
    os.mkfifo(home / "private name")
    with (tmp_path / "log").open("w") as log:
        status = os.fstat(log.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        call_command(backup_command.Command(), str(place), stdout=log)
        monkeypatch.setenv("JOURNAL_STREAM", "1:2")
        call_command(backup_command.Command(), str(place.with_name("two.tar")), stdout=log)
    first, second = (tmp_path / "log").read_text().split("Backed up to")[1:]
    assert "private name" not in first
    assert "doubtful: 1;" in first
    assert "private name" in second


@pytest.mark.parametrize("has_files", [True, False])
def test_a_restore_says_what_is_to_be_done_yet(home, place, settings, tmp_path, monkeypatch, has_files) -> None:
    os.mkfifo(home / "pipe")
    options = [] if has_files else ["--database-only"]
    call_command(backup_command.Command(), str(place), *options, stdout=io.StringIO())
    point_at(settings, tmp_path / "new")
    monkeypatch.setattr(restore_command, "call_command", lambda *_, **__: None)
    out = io.StringIO()
    call_command(restore_command.Command(), str(place), stdout=out)
    said = out.getvalue()
    assert "make these anew" in said
    assert "\n  standard: " in said
    assert ("Start ivle now" in said) is has_files
    assert ("homes/student/pipe: is a pipe" in said) is has_files
    assert ("the database alone" in said) is not has_files

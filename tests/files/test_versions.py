"""Every save kept: what is kept when, what goes first, what follows a rename."""

from __future__ import annotations

import os
import zlib

import pytest

from files import version_store, versions
from files.version_store import NotKept, Store

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def roomy(settings) -> None:
    settings.IVLE_DISK_RESERVE_MB = 0


@pytest.fixture
def store(settings, home) -> Store:
    return versions.store_of("student")


@pytest.fixture
def save(home, home_fd):
    """save("a.py", b"...") writes and keeps, as the site does."""

    def write(path: str, content: bytes, why: str = "save") -> str | None:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(content)
        return versions.keep("student", tuple(os.fsencode(path).split(b"/")), home_fd, why)

    return write


def contents(path: str) -> list[bytes]:
    return [versions.read("student", kept.id)[1] for kept in versions.list_versions("student", parts_of(path))]


def parts_of(path: str) -> tuple[bytes, ...]:
    return tuple(os.fsencode(path).split(b"/"))


def test_every_save_is_kept(save) -> None:
    ids = [save("a.py", text) for text in (b"one", b"two", b"three")]
    assert contents("a.py") == [b"three", b"two", b"one"]
    assert [kept.id for kept in versions.list_versions("student", (b"a.py",))] == ids[::-1]
    newest = versions.list_versions("student", (b"a.py",))[0]
    assert (newest.why, newest.size_bytes, newest.path) == ("save", 5, "a.py")


def test_what_is_the_same_is_stored_once(save, store) -> None:
    for path in ("a", "b", "c/d"):
        save(path, os.urandom(1000) + b"unlike")
        save(path, b"the same" * 100)
    assert len([file for file in store.contents.rglob("*") if file.is_file()]) == 4


def test_keeping_what_is_the_newest_already_adds_nothing(save, home_fd) -> None:
    first = save("a", b"x")
    assert versions.keep("student", (b"a",), home_fd, "save") == first
    assert len(contents("a")) == 1


def test_names_of_any_bytes(save, home, home_fd) -> None:
    name = b"\xff \n'.py"
    (home / os.fsdecode(name)).write_bytes(b"x")
    versions.keep("student", (name,), home_fd, "save")
    assert [kept.path for kept in versions.list_versions("student", (name,))] == ["%FF%20%0A%27.py"]


def test_large_files_are_not_kept(save, home) -> None:
    assert save("exactly", b"\0" * version_store.CONTENT_MAX_BYTES)
    assert save("more", b"\0" * (version_store.CONTENT_MAX_BYTES + 1)) is None
    assert not contents("more")


def test_what_a_program_wrote_is_kept_before_it_is_written_over(save, home, home_fd) -> None:
    save("a", b"saved")
    versions.keep_what_programs_wrote("student", (b"a",), home_fd)
    assert len(contents("a")) == 1
    (home / "a").write_bytes(b"by a program")
    versions.keep_what_programs_wrote("student", (b"a",), home_fd)
    save("a", b"saved again")
    assert contents("a") == [b"saved again", b"by a program", b"saved"]
    assert [kept.why for kept in versions.list_versions("student", (b"a",))] == ["save", "run", "save"]


def test_a_folder_that_is_going_to_be_deleted_is_kept(home, home_fd) -> None:
    (home / "f" / "g").mkdir(parents=True)
    (home / "f" / "a").write_bytes(b"a")
    (home / "f" / "g" / "b").write_bytes(b"b")
    os.mkfifo(home / "f" / "fifo")
    versions.keep("student", (b"f",), home_fd, "delete")
    assert (contents("f/a"), contents("f/g/b")) == ([b"a"], [b"b"])


def test_deleted_files_are_listed_whoever_deleted_them(save, home, home_fd) -> None:
    for name in ("stays", "goes", "f/goes", "becomes a folder"):
        save(name, name.encode())
    (home / "goes").unlink()
    (home / "f" / "goes").unlink()
    (home / "becomes a folder").unlink()
    (home / "becomes a folder").mkdir()
    gone = versions.list_deleted("student", home_fd)
    assert {kept.path for kept in gone} == {"goes", "f/goes", "becomes%20a%20folder"}
    assert {versions.read("student", kept.id)[1] for kept in gone} == {b"goes", b"f/goes", b"becomes a folder"}


def test_versions_follow_a_renamed_file(save, home, home_fd) -> None:
    save("old", b"1")
    save("old", b"2")
    (home / "old").rename(home / "new")
    versions.follow("student", (b"old",), (b"new",))
    assert contents("new") == [b"2", b"1"]
    assert not contents("old")
    assert save("new", b"3")
    assert contents("new") == [b"3", b"2", b"1"]


def test_versions_follow_a_renamed_folder_and_nothing_else(save, home) -> None:
    for path in ("f/a", "f/g/b", "fa"):
        save(path, path.encode())
    versions.follow("student", (b"f",), (b"x", b"y"))
    assert (contents("x/y/a"), contents("x/y/g/b"), contents("fa")) == ([b"f/a"], [b"f/g/b"], [b"fa"])
    assert not contents("f/a")


def test_they_come_behind_those_of_an_earlier_file_of_that_name(save, home) -> None:
    save("b", b"earlier")
    save("a", b"1")
    save("a", b"2")
    versions.follow("student", (b"a",), (b"b",))
    assert contents("b") == [b"2", b"1", b"earlier"]
    assert len({kept.id for kept in versions.list_versions("student", (b"b",))}) == 3


@pytest.mark.parametrize("wrong", ["", "x", "../../held-1", f"{'0' * 32}-1", "9" * 100])
def test_what_was_never_kept(save, wrong) -> None:
    kept = save("a", b"x")
    for version_id in (wrong, kept[:-1] + "7"):
        with pytest.raises(NotKept):
            versions.read("student", version_id)


def test_one_owner_has_nothing_of_another(save) -> None:
    kept = save("a", b"x")
    with pytest.raises(NotKept):
        versions.read("classmate", kept)


def test_what_the_disk_gives_back_wrong_is_not_shown(save, store) -> None:
    kept = save("a", b"right")
    [file] = [file for file in store.contents.rglob("*") if file.is_file()]
    for damage in (b"", b"garbage", zlib.compress(b"wrong"), zlib.compress(b"\0" * (64 * MIB))):
        file.write_bytes(damage)
        with pytest.raises(NotKept):
            versions.read("student", kept)


# --- room ------------------------------------------------------------------------------------------------------------


def test_the_oldest_go_first_and_the_newest_of_a_file_never(save, settings) -> None:
    settings.IVLE_VERSIONS_MB = 1
    save("precious", noise(1))
    ids = [save("a", noise(100)) for _ in range(30)]
    assert all(ids)
    kept = [kept.id for kept in versions.list_versions("student", (b"a",))]
    assert kept == ids[::-1][: len(kept)]
    assert 4 <= len(kept) < 11
    assert len(contents("precious")) == 1


def test_what_is_held_is_what_lies_there(save, store, settings) -> None:
    settings.IVLE_VERSIONS_MB = 1
    for _ in range(30):
        save("a", noise(100))
        with store.writing():
            assert store.count() <= store.held_bytes() <= MIB


def test_files_that_are_there_are_not_thinned_for_a_new_one(save, settings) -> None:
    settings.IVLE_VERSIONS_MB = 1
    names = [f"file{number}" for number in range(12)]
    kept = [name for name in names if save(name, noise(100))]
    assert 8 <= len(kept) < 12
    assert all(len(contents(name)) == 1 for name in kept)


def test_of_deleted_files_the_last_version_goes_too_when_nothing_else_can(save, home, settings) -> None:
    settings.IVLE_VERSIONS_MB = 1
    for number in range(30):
        assert save(f"file{number}", noise(100))
        (home / f"file{number}").unlink()
    assert not contents("file0")
    assert len(contents("file29")) == 1


def test_a_content_that_thinning_takes_away_is_stored_anew_where_it_is_wanted(save, settings, store) -> None:
    settings.IVLE_VERSIONS_MB = 1
    first = noise(100)
    save("a", first)
    while len(contents("a")) < 9:
        save("a", noise(100))
    with store.writing():
        store.note_held(MIB)  # the next one makes room, and the oldest is what it wants
    assert save("a", first)
    assert contents("a")[0] == first


def test_no_versions_where_the_disk_is_nearly_full(save, settings) -> None:
    settings.IVLE_DISK_RESERVE_MB = 1 << 30
    assert save("a", b"x") is None


def test_a_disk_that_fails_is_for_the_log(save, monkeypatch, caplog) -> None:
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(version_store, "write_whole", full)
    assert save("a", b"x") is None
    assert "no version was kept" in caplog.text


def test_one_file_has_so_many(save, monkeypatch) -> None:
    for module in (version_store, versions):
        monkeypatch.setattr(module, "VERSIONS_MAX", 5)
    for number in range(12):
        save("a", b"%d" % number)
    assert contents("a") == [b"11", b"10", b"9", b"8", b"7"]
    with pytest.raises(NotKept):
        versions.read("student", f"{versions.list_versions('student', (b'a',))[0].id[:32]}-5")


def test_a_path_that_is_longer_than_what_is_looked_at_of_a_list(save) -> None:
    deep = "/".join(["x" * 250] * 8)
    assert save(deep, b"1") != save(deep, b"2")
    assert contents(deep) == [b"2", b"1"]


def noise(kibibytes: int) -> bytes:
    return os.urandom(kibibytes * 1024)

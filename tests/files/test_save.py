"""Saving: whole or not at all, and never over what somebody else saved."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from files import writing
from files.faults import BadName, Closed, Conflict, Incomplete, IsFolder, NoRoom
from files.lookup import NotThere
from files.writing import ABSENT, Etag, save


class Room:
    """Counts what is taken, and refuses what is above `left`."""

    def __init__(self, left: int = 1 << 40) -> None:
        self.left = left
        self.taken = 0

    def __call__(self, more: int) -> None:
        if more > self.left - self.taken:
            raise NoRoom("full")
        self.taken += more


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def put(home_fd, room):
    def put(*parts: bytes, data: bytes = b"new", must_be=None, size_bytes=None, room=room):
        return save(home_fd, parts, [data], size_bytes=size_bytes, must_be=must_be, room=room)

    return put


def names(home) -> list[str]:
    return sorted(os.listdir(home))


def test_a_new_file(home, put, room) -> None:
    saved = put(b"a.py", data=b"print(1)")
    assert (saved.is_new, saved.size_bytes) == (True, 8)
    assert (home / "a.py").read_bytes() == b"print(1)"
    assert stat.S_IMODE((home / "a.py").stat().st_mode) == 0o600
    assert names(home) == ["a.py"]
    assert room.taken == 8


def test_it_belongs_to_whom_the_home_belongs_to(home, put) -> None:
    if os.getuid() == 0:
        os.chown(home, 65533, 65533)
    put(b"a.py")
    ours, theirs = home.stat(), (home / "a.py").stat()
    assert (theirs.st_uid, theirs.st_gid) == (ours.st_uid, ours.st_gid)


def test_again_keeps_the_mode_without_the_dangerous_bits(home, put, room) -> None:
    (home / "a.py").write_bytes(b"long before")
    (home / "a.py").chmod(0o4755)
    assert not put(b"a.py").is_new
    assert stat.S_IMODE((home / "a.py").stat().st_mode) == 0o755
    assert room.taken == 3 - 11


def test_the_etag_is_that_of_the_file(home, put) -> None:
    first = put(b"a.py")
    second = put(b"a.py", must_be=Etag(first.etag))
    assert first.etag != second.etag
    with pytest.raises(Conflict) as conflict:
        put(b"a.py", data=b"lost", must_be=Etag(first.etag))
    assert conflict.value.etag == second.etag
    assert (home / "a.py").read_bytes() == b"new"


def test_etags_do_not_repeat(home, put, monkeypatch) -> None:
    """Not even where the kernel's clock stands still between two saves: it is not asked."""
    assert len({put(b"a.py").etag for _ in range(50)}) == 50
    now = 1_700_000_000_123_456_789
    monkeypatch.setattr(writing.time, "time_ns", lambda: now)
    assert put(b"a.py").modified_ns == now == (home / "a.py").stat().st_mtime_ns


def test_it_must_not_be_there(home, put) -> None:
    (home / "a.py").write_bytes(b"old")
    with pytest.raises(Conflict):
        put(b"a.py", must_be=ABSENT)
    assert (home / "a.py").read_bytes() == b"old"
    assert put(b"b.py", must_be=ABSENT).is_new


def test_it_has_been_deleted(home, put) -> None:
    etag = put(b"a.py").etag
    (home / "a.py").unlink()
    with pytest.raises(Conflict) as conflict:
        put(b"a.py", must_be=Etag(etag))
    assert conflict.value.etag == ""


@pytest.mark.parametrize("must_be", [None, ABSENT])
def test_somebody_saves_in_the_middle(home, home_fd, room, must_be) -> None:
    """Also a program, which heeds no lock: what appears before the last look is seen."""

    def chunks():
        yield b"mine"
        (home / "a.py").write_bytes(b"theirs")

    if must_be is None:
        save(home_fd, (b"a.py",), chunks(), size_bytes=None, must_be=None, room=room)
        assert (home / "a.py").read_bytes() == b"mine"
    else:
        with pytest.raises(Conflict):
            save(home_fd, (b"a.py",), chunks(), size_bytes=None, must_be=must_be, room=room)
        assert (home / "a.py").read_bytes() == b"theirs"
    assert names(home) == ["a.py"]


def test_it_appears_after_the_last_look(home, put, monkeypatch) -> None:
    rename = writing.rename_free

    def rename_free(*args):
        (home / "a.py").write_bytes(b"theirs")
        rename(*args)

    monkeypatch.setattr(writing, "rename_free", rename_free)
    with pytest.raises(Conflict):
        put(b"a.py", must_be=ABSENT)
    assert (home / "a.py").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    ("parts", "fault"),
    [((b"missing", b"a"), NotThere), ((b"file", b"a"), NotThere), ((), BadName), ((b"folder",), IsFolder)],
)
def test_where_nothing_can_be_saved(home, put, parts, fault) -> None:
    (home / "file").write_bytes(b"x")
    (home / "folder").mkdir()
    with pytest.raises(fault):
        put(*parts)
    assert names(home) == ["file", "folder"]
    assert (home / "file").read_bytes() == b"x"


def test_full(home, put) -> None:
    (home / "a.py").write_bytes(b"old")
    room = Room(left=2)
    with pytest.raises(NoRoom):
        put(b"a.py", data=b"longer than it was", room=room)
    assert (home / "a.py").read_bytes() == b"old"
    assert room.taken == 0
    assert not put(b"a.py", data=b"new", room=Room(left=0)).is_new


def test_less_arrives_than_was_announced(home, put, room) -> None:
    (home / "a.py").write_bytes(b"old")
    with pytest.raises(Incomplete):
        put(b"a.py", data=b"half", size_bytes=8)
    assert ((home / "a.py").read_bytes(), names(home), room.taken) == (b"old", ["a.py"], 0)


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_the_disk_is_full(home, put, room, monkeypatch, code) -> None:
    (home / "a.py").write_bytes(b"old")

    def write(*_args: object) -> int:
        raise OSError(getattr(errno, code), "full")

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(NoRoom, match="Deleting still works"):
        put(b"a.py")
    assert ((home / "a.py").read_bytes(), names(home), room.taken) == (b"old", ["a.py"], 0)


def test_through_a_link(home, put) -> None:
    (home / "real").mkdir()
    (home / "real" / "a.py").write_bytes(b"old")
    (home / "link.py").symlink_to("real/a.py")
    (home / "short").symlink_to("real")
    put(b"link.py")
    assert (home / "link.py").is_symlink()
    assert (home / "real" / "a.py").read_bytes() == b"new"
    put(b"short", b"b.py")
    assert (home / "real" / "b.py").read_bytes() == b"new"


def test_a_file_system_without_nameless_files(home, put, monkeypatch) -> None:
    really_open = os.open

    def without(path, flags, *args, **more):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "no")
        return really_open(path, flags, *args, **more)

    monkeypatch.setattr(os, "open", without)
    assert put(b"a.py", must_be=ABSENT).is_new
    assert not put(b"a.py").is_new
    with pytest.raises(NoRoom):
        put(b"b.py", room=Room(left=0))
    assert names(home) == ["a.py"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
@pytest.mark.skips_in_ci(reason="CI runs this file as root and again without privileges")
def test_a_folder_that_is_closed(home, put) -> None:
    (home / "closed").mkdir(mode=0o500)
    with pytest.raises(Closed):
        put(b"closed", b"a.py")

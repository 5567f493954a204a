"""POST /api/files/move with `copy`."""

from __future__ import annotations

import os
import stat

import pytest

from files import copying
from files.folders import numbered
from files.tree import Amount


@pytest.fixture
def copy(script):
    def copy(*paths: str, to: str = ""):
        return script.post("/move", paths=list(paths), to=to, copy=True).json()

    return copy


def test_a_folder_with_all_in_it(copy, home) -> None:
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "b" / "c.py").write_text("print(1)")
    (home / "a" / "b" / "c.py").chmod(0o750)
    (home / "a" / "link").symlink_to("b/c.py")
    (home / "a" / "out").symlink_to("/etc/passwd")
    os.mkfifo(home / "a" / "fifo")
    (home / "to").mkdir()
    assert copy("a", to="to") == {"done": ["to/a"], "failed": []}
    made = home / "to" / "a"
    assert sorted(path.name for path in made.iterdir()) == ["b", "link", "out"]
    assert (made / "b" / "c.py").read_text() == "print(1)"
    assert stat.S_IMODE((made / "b" / "c.py").stat().st_mode) == 0o750
    assert (os.readlink(made / "link"), os.readlink(made / "out")) == ("b/c.py", "/etc/passwd")
    for path in (made, made / "b", made / "b" / "c.py", made / "out"):
        assert (path.lstat().st_uid, path.lstat().st_gid) == (home.stat().st_uid, home.stat().st_gid)


def test_dangerous_bits_are_not_copied(copy, home) -> None:
    (home / "a").write_text("x")
    (home / "a").chmod(0o6711)
    (home / "b").mkdir()
    (home / "b").chmod(0o3777)
    copy("a", "b")
    assert stat.S_IMODE((home / "a (2)").stat().st_mode) == 0o711
    assert stat.S_IMODE((home / "b (2)").stat().st_mode) == 0o777


def test_the_same_name_gets_a_number(copy, home) -> None:
    (home / "a.py").write_text("x")
    (home / "b.c").mkdir()
    assert copy("a.py", "b.c")["done"] == ["a%20%282%29.py", "b.c%20%282%29"]
    assert copy("a.py")["done"] == ["a%20%283%29.py"]


@pytest.mark.parametrize(
    ("name", "second"),
    [
        (b"a.tar.gz", b"a.tar (2).gz"),
        (b".profile", b".profile (2)"),
        (b"x" * 255, b"x" * 251 + b" (2)"),
        ("ä".encode() * 127, "ä".encode() * 125 + b" (2)"),
        (b"\xff" * 255, b"\xff" * 251 + b" (2)"),
    ],
)
def test_numbers(name, second) -> None:
    names = numbered(name, is_folder=False)
    assert (next(names), next(names)) == (name, second)


@pytest.mark.parametrize("to", ["a", "a/b", "way"])
def test_into_itself(copy, home, to) -> None:
    (home / "a" / "b").mkdir(parents=True)
    (home / "way").symlink_to("a/b")
    [failed] = copy("a", to=to)["failed"]
    assert failed["detail"].startswith("a cannot be put into itself")
    assert sorted(os.listdir(home / "a")) == ["b"]


def test_the_quota_leaves_nothing_also_in_the_middle(copy, script, home, settings, monkeypatch) -> None:
    settings.IVLE_QUOTA_MB = 1
    (home / "a").mkdir()
    for number in range(6):
        (home / "a" / str(number)).write_bytes(b"x" * 100_000)
    [failed] = copy("a")["failed"]
    assert failed["detail"].startswith("This needs 590 KB more, and of the 1 MB of your folder 434 KB are free.")
    assert os.listdir(home) == ["a"]
    monkeypatch.setattr(copying, "measure", lambda *_: Amount())  # it grew since
    [failed] = copy("a")["failed"]
    assert failed["detail"].startswith("This needs 98 KB more")
    assert os.listdir(home) == ["a"]
    assert script.get("/list").json()["quota"]["used_bytes"] == 604_096


def test_too_much_leaves_nothing(copy, home, monkeypatch) -> None:
    monkeypatch.setattr(copying, "ENTRIES_MAX", 5)
    (home / "a").mkdir()
    for number in range(6):
        (home / "a" / str(number)).write_text("")
    [failed] = copy("a")["failed"]
    assert "more in it than can be copied at once (5 files)" in failed["detail"]
    assert os.listdir(home) == ["a"]


def test_a_pipe(copy, home) -> None:
    os.mkfifo(home / "fifo")
    assert "not a file" in copy("fifo")["failed"][0]["detail"]

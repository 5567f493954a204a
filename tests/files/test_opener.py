"""Every way out of a folder is closed, with openat2 and without it."""

from __future__ import annotations

import os
import socket

import pytest

from files import opener
from files.opener import open_below, open_to_read, walk_below


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    (home / "deep").mkdir(parents=True)
    (home / "deep" / "file").write_bytes(b"content")
    (tmp_path / "secret").write_bytes(b"secret")
    (home / "up").symlink_to("../secret")
    (home / "absolute").symlink_to(tmp_path / "secret")
    (home / "root").symlink_to("/")
    (home / "magic").symlink_to("/proc/self/root")
    (home / "circle").symlink_to("circle")
    descriptor = os.open(home, os.O_PATH)
    yield descriptor
    os.close(descriptor)


ways = pytest.mark.parametrize("way", [open_below, walk_below], ids=["openat2", "walk"])


@ways
def test_it_opens_what_is_below(home, way) -> None:
    place = way(home, (b"deep", b"file"))
    file = open_to_read(place)
    assert os.read(file, 100) == b"content"
    os.close(file)
    os.close(place)


@ways
@pytest.mark.parametrize(
    "path",
    [
        (b"..", b"secret"),
        (b"deep", b"..", b"..", b"secret"),
        (b"up",),
        (b"absolute",),
        (b"root", b"etc"),
        (b"magic", b"etc"),
        (b"circle",),
        (b"missing",),
        (b"deep", b"file", b"more"),
        (b"x" * 300,),
    ],
    ids=lambda path: b"-".join(path).decode()[:20],
)
def test_it_opens_nothing_else(home, way, path) -> None:
    with pytest.raises(OSError, match=r"\[Errno \d+\]") as caught:
        way(home, path)
    assert caught.value.errno in opener.GONE


def test_a_link_inside_is_followed(home, tmp_path) -> None:
    (tmp_path / "home" / "link").symlink_to("deep/file")
    os.close(open_below(home, (b"link",)))
    with pytest.raises(OSError, match="symbolic links"):
        walk_below(home, (b"link",))


def test_without_openat2_it_walks(home, monkeypatch) -> None:
    monkeypatch.setattr(opener, "OPENAT2", 100_000)  # no such system call
    os.close(open_below(home, (b"deep", b"file")))
    with pytest.raises(OSError, match="symbolic links"):
        open_below(home, (b"up",))


def test_only_regular_files_are_read(home, tmp_path) -> None:
    os.mkfifo(tmp_path / "home" / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(tmp_path / "home" / "socket"))
        for name in (b"fifo", b"socket", b"deep"):
            place = open_below(home, (name,))
            with pytest.raises(OSError, match="not a regular file"):
                open_to_read(place)
            os.close(place)

"""Trees deeper than any path, and folders with more in them than anybody reads: bounded time, memory, descriptors."""

from __future__ import annotations

import json
import os
import resource
import subprocess

import pytest

from files import copying, listing, quota, tree
from files.tree import Budget

CROWD = 30_000  # three times what is listed; ext4 has at most 65,000 links of a file


def dig(folder: int, depth: int) -> None:
    """As a program does it, step by step: no path could be as long."""
    here = os.dup(folder)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        there = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = there
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)


@pytest.fixture
def deep(home):
    """3,000 folders in each other; and few descriptors to deal with them."""
    opened = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    dig(opened, 3000)
    os.close(opened)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 600, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    subprocess.run(["rm", "-rf", home.parent.parent], check=True)  # pytest's own cleaning up would fail of it


@pytest.mark.usefixtures("deep")
class TestDepth:
    def test_it_is_listed_and_counted(self, script) -> None:
        answer = script.get("/list").json()
        assert answer["entries"][0]["name"] == "d"
        assert answer["quota"]["used_bytes"] == 100 * tree.FOLDER_BYTES
        assert script.get("/list", path="/".join(["d"] * 100)).status_code == 200
        assert script.get("/list", path="/".join(["d"] * 101)).status_code == 404

    def test_it_is_not_copied(self, script, home) -> None:
        [failed] = script.post("/move", paths=["d"], to="", copy=True).json()["failed"]
        assert "more in it than can be copied" in failed["detail"]
        assert os.listdir(home) == ["d"]

    def test_it_goes_for_good(self, script, home) -> None:
        before = len(os.listdir("/proc/self/fd"))
        bin_id = script.post("/delete", paths=["d"]).json()["trash"]
        assert script.delete(f"/trash/{bin_id}").status_code == 204
        assert not os.listdir(home)
        assert not os.listdir(home.parent.parent / "trash" / "student")
        assert len(os.listdir("/proc/self/fd")) <= before + 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may enter anywhere")
@pytest.mark.skips_in_ci(reason="CI runs this file as root and again without privileges")
def test_closed_folders_go_as_well(script, home) -> None:
    (home / "a" / "b" / "c").mkdir(parents=True)
    (home / "a" / "b" / "c").chmod(0)
    (home / "a" / "b").chmod(0)
    (home / "a").chmod(0o500)
    bin_id = script.post("/delete", paths=["a"]).json()["trash"]
    assert bin_id
    assert script.delete(f"/trash/{bin_id}").status_code == 204
    assert not os.listdir(home)


@pytest.fixture
def crowd(home):
    """So many, of one file's hard links, which is the fastest to make."""
    folder = home / "crowd"
    folder.mkdir()
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        (folder / "x000000").write_bytes(b"x" * 1000)
        for number in range(1, CROWD):
            os.link("x000000", f"x{number:06}", src_dir_fd=opened, dst_dir_fd=opened)
    finally:
        os.close(opened)
    return folder


def test_very_many_entries(script, home, crowd) -> None:
    answer = script.get("/list", path="crowd").json()
    assert (len(answer["entries"]), answer["more"]) == (listing.ENTRIES_MAX, CROWD - listing.ENTRIES_MAX)
    assert answer["quota"]["used_bytes"] == tree.FOLDER_BYTES + 1000
    assert len(json.dumps(answer)) < 3_000_000
    [failed] = script.post("/move", paths=["crowd"], to="", copy=True).json()["failed"]
    assert "more in it than can be copied" in failed["detail"]
    assert os.listdir(home) == ["crowd"]
    bin_id = script.post("/delete", paths=["crowd"]).json()["trash"]
    assert script.get("/trash").json()["entries"][0]["size_bytes"] > 0
    assert script.delete(f"/trash/{bin_id}").status_code == 204


def test_too_many_entries_stop_writing_and_not_deleting(script, home, monkeypatch) -> None:
    monkeypatch.setattr(quota, "ENTRIES_MAX", 10)
    for number in range(11):
        (home / f"{number}").write_text("x")
    answer = script.put("new", b"x")
    assert (answer.status_code, "more than 10 files" in answer.json()["detail"]) == (507, True)
    script.post("/delete", paths=["1", "2"])
    script.delete("/trash")
    assert script.put("new", b"x").status_code == 201


def test_a_program_that_goes_on_writing_does_not_keep_us(home, home_fd) -> None:
    (home / "a").mkdir()
    for number in range(50):
        (home / "a" / str(number)).write_text("")
    with pytest.raises(tree.Spent):
        tree.remove(home_fd, b"a", Budget(20))
    assert len(os.listdir(home / "a")) > 20


def test_a_file_that_grows_while_it_is_copied(home, home_fd, monkeypatch) -> None:
    (home / "a").write_bytes(b"x" * 1000)
    (home / "to").mkdir()
    really = os.pread

    def pread(file: int, count: int, position: int) -> bytes:
        with (home / "a").open("ab") as growing:
            growing.write(b"y" * 10_000)
        return really(file, count, position)

    monkeypatch.setattr(os, "pread", pread)
    copying.copy(home_fd, (b"a",), (b"to",), lambda _more: None)
    assert (home / "to" / "a").stat().st_size == 1000

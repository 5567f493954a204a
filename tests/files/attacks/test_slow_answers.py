"""What is made to take long, or much memory, to answer: chains of links, long paths, crowds."""

from __future__ import annotations

import asyncio
import os
import time
import tracemalloc
from typing import Any

import pytest

import files.api
from files import archive, listing, lookup, trash
from files.lookup import NotThere
from files.walking import walk

CHAIN = 39  # links that the kernel follows one after another, each the longest that there can be


@pytest.fixture
def chain(home) -> bytes:
    """The name of a link that takes the kernel milliseconds to follow; at its end is a file."""
    (home / "a").mkdir()
    (home / "file").write_bytes(b"x")
    name = "file"
    for number in range(CHAIN):
        (home / f"link{number}").symlink_to("a/../" * ((4090 - len(name)) // 5) + name)
        name = f"link{number}"
    return name.encode()


def test_links_are_followed_for_a_moment_only(home, home_fd, chain, monkeypatch) -> None:
    (home / "z").symlink_to(os.fsdecode(chain[:-1] + b"8"))
    monkeypatch.setattr(listing, "FOLLOWING_SECONDS", 60.0)
    assert {entry.leads_to for entry in listing.list_folder(home_fd, ()).entries if entry.name == b"z"} == {"file"}
    monkeypatch.setattr(listing, "FOLLOWING_SECONDS", 0.0)
    found = listing.list_folder(home_fd, ()).entries
    assert len(found) == 3 + CHAIN
    assert {entry.leads_to for entry in found} == {""}


def test_a_file_is_soon_found_on_a_long_way(home_fd, chain) -> None:
    """A visitor's address decides how long it is, and cgirunner looks on the event loop."""
    began = time.thread_time()
    lookup.find(home_fd, (chain[:-1] + b"8",)).close()
    once = time.thread_time() - began
    began = time.thread_time()
    with pytest.raises(NotThere):
        lookup.find(home_fd, (chain[:-1] + b"8", *(b"x",) * 99))
    assert time.thread_time() - began < 20 * once + 0.5


def test_a_long_path_does_not_multiply(home_fd) -> None:
    """Each entry tells its whole path."""
    name = b"\xff" * 250
    here = os.open(".", os.O_RDONLY, dir_fd=home_fd)
    for _ in range(12):
        os.mkdir(name, dir_fd=here)
        there = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    for number in range(3000):
        os.mkdir(b"%d" % number, dir_fd=here)
    os.close(here)
    found = listing.list_folder(home_fd, (name,) * 12)
    assert len(found.entries) * 12 * 3 * 250 < listing.PATHS_MAX_CHARACTERS
    assert len(found.entries) + found.more == 3000


def test_a_crowd_is_not_read_whole_to_be_refused(home, home_fd, monkeypatch) -> None:
    """A program can put millions of names into a folder."""
    folder = home / "crowd"
    folder.mkdir()
    for number in range(20_000):
        (folder / f"{number:0200}").symlink_to("x")
    monkeypatch.setattr("files.walking.NAMES_MAX", 100)
    tracemalloc.start()
    try:
        assert sum(1 for _ in walk(home_fd, (b"crowd",))) == 101
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert archive.ENTRIES_MAX < 200_000  # so that what is too much for a zip is refused, not cut


def test_an_answer_is_written_off_the_event_loop(script, monkeypatch) -> None:
    """Ten thousand names with nothing but odd bytes in them take half a second."""
    write = files.api.list_out

    def list_out(*arguments: Any) -> Any:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return write(*arguments)

    monkeypatch.setattr(files.api, "list_out", list_out)
    assert script.get("/list").status_code == 200


def test_a_full_trash_is_shown_in_part(script, home, monkeypatch) -> None:
    """Deleting always works, so there is no end to what can lie there."""
    monkeypatch.setattr(trash, "SHOWN_MAX", 5)
    for number in range(4):
        for name in "ab":
            (home / f"{name}{number}").write_bytes(b"x")
        script.post("/delete", paths=[f"a{number}", f"b{number}"])
    names = [entry["name"] for entry in script.get("/trash").json()["entries"]]
    assert names == ["a3", "b3", "a2", "b2", "a1"]
    script.delete("/trash")
    assert script.get("/trash").json()["entries"] == []

"""The quota is used up, the disk's reserve is touched, the disk itself is full: nothing is damaged, deleting works."""

from __future__ import annotations

import os
import resource
import signal

import pytest

from files import quota
from files.faults import NoRoom
from files.quota import MIB, room_for, used


@pytest.fixture
def full(home, settings):
    """By a program, which nothing stops."""
    settings.IVLE_QUOTA_MB = 1
    (home / "big").write_bytes(b"x" * (MIB + 1))
    (home / "a").write_bytes(b"a" * 100)
    (home / "folder").mkdir()
    (home / "folder" / "b").write_bytes(b"b")
    return home


def test_what_a_full_quota_refuses(script, full) -> None:
    for answer in (
        script.put("new", b"x"),
        script.put("a", b"a" * 101),
        script.post("/folder", path="new"),
    ):
        assert answer.status_code == 507
        assert "Delete something and empty the trash" in answer.json()["detail"]
    assert script.post("/move", paths=["a", "folder"], to="folder", copy=True).json()["done"] == []
    assert (full / "a").read_bytes() == b"a" * 100
    assert sorted(os.listdir(full)) == ["a", "big", "folder"]
    assert os.listdir(full / "folder") == ["b"]


def test_what_it_does_not_refuse(script, full) -> None:
    assert script.put("a", b"c" * 100).status_code == 200
    assert script.put("a", b"").status_code == 200
    assert script.post("/rename", path="a", name="c").status_code == 200
    assert script.post("/move", paths=["c"], to="folder").json()["done"]
    bin_id = script.post("/delete", paths=["folder", "big"]).json()["trash"]
    assert script.put("new", b"x").status_code == 507, "the trash counts"
    assert script.post(f"/trash/{bin_id}/restore").status_code == 200
    script.post("/delete", paths=["big"])
    assert script.delete("/trash").status_code == 204
    assert script.put("new", b"x").status_code == 201


def test_the_reserve_of_the_disk(script, home, settings) -> None:
    (home / "a").write_bytes(b"a" * 100)
    disk = os.statvfs(home)
    settings.IVLE_DISK_RESERVE_MB = disk.f_bavail * disk.f_frsize // MIB + 1000
    answer = script.put("new", b"x")
    assert (answer.status_code, "almost full" in answer.json()["detail"]) == (507, True)
    assert script.put("a", b"b" * 100).status_code == 200
    assert script.post("/delete", paths=["a"]).json()["done"] == ["a"]
    assert script.delete("/trash").status_code == 204


def test_a_disk_that_is_full_in_the_middle(script, home) -> None:
    """The kernel's own refusal: here it is the largest file that it lets us write."""
    (home / "a").write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096 * 1024, before[1]))
    try:
        answer = script.put("a", b"x" * 5_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert answer.status_code == 507
    assert (home / "a").read_bytes() == b"old"
    assert os.listdir(home) == ["a"]


def test_several_together_do_not_take_more_than_there_is(home, settings) -> None:
    """Booked before it is written, so what is under way counts."""
    settings.IVLE_QUOTA_MB = 1
    first, second = room_for("student"), room_for("student")
    first(600_000)
    with pytest.raises(NoRoom):
        second(600_000)
    first(-600_000)
    second(600_000)


def test_a_save_that_fails_gives_back_what_it_took(script, home) -> None:
    script.put("a", b"x" * 1000)
    before = used("student").used_bytes
    script.put("a", b"y" * 5000, {"if-match": '"other"'})
    script.put("folder/a", b"y" * 5000)
    assert used("student").used_bytes == before == 1000


def test_counting_is_done_once_for_a_while(script, home, monkeypatch) -> None:
    counted = []
    really = quota.count_afresh
    monkeypatch.setattr(quota, "count_afresh", lambda *args: counted.append(args) or really(*args))
    for number in range(10):
        script.put(f"{number}", b"x" * 100)
    assert len(counted) == 1
    assert used("student").used_bytes == 1000

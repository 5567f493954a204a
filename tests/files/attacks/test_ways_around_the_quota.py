"""Many at once, trees too deep to be removed in one go, copies that are too large: what is taken is counted, once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from files import copying, quota, trash
from files.faults import NoRoom
from tests.sandbox.jail import until

MIB = 1024 * 1024
AT_ONCE = 8


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("step", ["free_bytes", "count_afresh"])
def test_who_asks_at_the_same_time_shares_the_room(settings, monkeypatch, step) -> None:
    settings.IVLE_QUOTA_MB = 1
    everybody = threading.Barrier(AT_ONCE)
    do = getattr(quota, step)
    taken = []
    if step == "free_bytes":
        quota.used("student")  # is counted now, not by all of them

    def together(*words: object) -> object:
        everybody.wait(10)
        return do(*words)

    def take(_number: int) -> None:
        try:
            quota.room_for("student")(MIB * 3 // 4)
        except NoRoom:
            return
        taken.append(1)

    monkeypatch.setattr(quota, step, together)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(take, range(AT_ONCE)))
    assert len(taken) == 1


def test_what_is_too_deep_leaves_nothing_in_the_trash(script, home, monkeypatch) -> None:
    """Whoever looks at the trash removes a little of what is due; the rest must stay in reach."""
    here = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(120):
        os.mkdir("d", dir_fd=here)
        there = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)
    script.post("/delete", paths=["d"])
    monkeypatch.setattr(trash, "KEPT_SECONDS", 0)
    for _ in range(10):
        trash.empty("student", entries_at_once=60)
    assert os.listdir(trash.trash_of("student")) == []


def test_a_copy_that_does_not_fit_is_not_begun(home, home_fd) -> None:
    """Or a thousand of them would keep the disk busy for hours."""
    with (home / "large").open("wb") as file:
        file.truncate(20 * MIB)
    asked = []

    def room(more_bytes: int) -> None:
        asked.append(more_bytes)
        if sum(asked) > 10 * MIB:
            raise NoRoom("full")

    with pytest.raises(NoRoom):
        copying.copy(home_fd, (b"large",), (), room)
    assert asked[0] == 20 * MIB
    assert os.listdir(home) == ["large"]


@pytest.mark.usefixtures("home")
def test_the_next_program_of_who_is_above_the_quota_writes_small_files_alone(settings, home) -> None:
    settings.IVLE_QUOTA_MB = 1
    (home / "data").write_bytes(bytes(MIB + 1))
    assert quota.bounds_of_program("student", 16 * MIB) == quota.Bounds()  # nobody has counted, and nobody waits for it
    until(lambda: quota.bounds_of_program("student", 16 * MIB).file_bytes == quota.SMALL_BYTES, "the files are counted")
    notice = quota.bounds_of_program("student", 16 * MIB).notice
    assert "all of its 1 MB are used" in notice
    assert notice.endswith("\n")


@pytest.mark.usefixtures("home")
def test_a_program_gets_the_room_that_is_left(settings, home) -> None:
    settings.IVLE_QUOTA_MB = 4
    (home / "data").write_bytes(bytes(MIB))
    quota.used("student")
    assert quota.bounds_of_program("student", 3 * MIB) == quota.Bounds()
    bounds = quota.bounds_of_program("student", 16 * MIB)
    assert bounds.file_bytes == 3 * MIB
    assert "room for 3 MB more" in bounds.notice


@pytest.mark.usefixtures("home")
def test_too_many_files_are_no_room_either(home, monkeypatch) -> None:
    monkeypatch.setattr(quota, "ENTRIES_MAX", 1)
    for name in "ab":
        (home / name).touch()
    quota.used("student")
    assert quota.bounds_of_program("student", MIB).file_bytes == quota.SMALL_BYTES

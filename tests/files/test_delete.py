"""POST /api/files/delete, and the trash."""

from __future__ import annotations

import errno
import json
import os
import time

import pytest
from django.core.management import CommandError, call_command

from files import trash
from files.models import PublishedFolder


@pytest.fixture
def delete(script):
    def delete(*paths: str):
        return script.post("/delete", paths=list(paths)).json()

    return delete


@pytest.fixture
def trash_folder(home):
    return home.parent.parent / "trash" / "student"


def entries(script) -> list[dict]:
    return script.get("/trash").json()["entries"]


def test_undo(delete, script, home) -> None:
    (home / "a b").mkdir()
    (home / "a b" / "c").write_text("x")
    (home / "d").write_text("y")
    answer = delete("a%20b", "d")
    assert (answer["done"], answer["failed"]) == (["a%20b", "d"], [])
    assert not list(home.iterdir())
    back = script.post(f"/trash/{answer['trash']}/restore").json()
    assert back == {"path": "a%20b", "done": ["a%20b", "d"], "failed": []}
    assert (home / "a b" / "c").read_text() == "x"
    assert (home / "d").read_text() == "y"
    assert entries(script) == []


def test_the_list(delete, script, home) -> None:
    (home / "a").mkdir()
    (home / "a" / "b.py").write_text("x" * 10)
    delete("a/b.py")
    delete("a")
    first, second = entries(script)
    assert [(one["path"], one["name"]) for one in (first, second)] == [("a", "a"), ("a/b.py", "b.py")]
    assert (first["size_bytes"], second["size_bytes"]) == (4096, 10)
    assert abs(time.time() - int(first["id"][:14], 16) / 1e6) < 10


def test_one_of_several(delete, script, home) -> None:
    for name in "abc":
        (home / name).write_text(name)
    delete("a", "b", "c")
    ids = {one["name"]: one["id"] for one in entries(script)}
    assert script.post(f"/trash/{ids['b']}/restore").json()["path"] == "b"
    assert script.delete(f"/trash/{ids['a']}").status_code == 204
    assert [one["name"] for one in entries(script)] == ["c"]
    assert script.post(f"/trash/{ids['a']}/restore").status_code == 404
    assert [path.name for path in home.iterdir()] == ["b"]


def test_its_place_is_taken(delete, script, home) -> None:
    (home / "a.py").write_text("old")
    bin_id = delete("a.py")["trash"]
    (home / "a.py").write_text("new")
    assert script.post(f"/trash/{bin_id}/restore").json()["path"] == "a%20%282%29.py"
    assert (home / "a.py").read_text() == "new"
    assert (home / "a (2).py").read_text() == "old"


def test_its_folder_is_gone(delete, script, home) -> None:
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "b" / "c").write_text("x")
    bin_id = delete("a/b/c")["trash"]
    delete("a")
    assert script.post(f"/trash/{bin_id}/restore").json()["path"] == "a/b/c"
    assert (home / "a" / "b" / "c").read_text() == "x"


def test_its_folder_is_a_file_now(delete, script, home) -> None:
    (home / "a").mkdir()
    (home / "a" / "b").write_text("x")
    bin_id = delete("a/b")["trash"]
    (home / "a").rmdir()
    (home / "a").write_text("file")
    answer = script.post(f"/trash/{bin_id}/restore")
    assert answer.status_code == 409
    assert [one["path"] for one in entries(script)] == ["a/b"]


def test_a_half_done_batch_says_what_was_done(delete, home) -> None:
    (home / "a").write_text("")
    answer = delete("a", "missing", "")
    assert (answer["done"], [failed["path"] for failed in answer["failed"]]) == (["a"], ["missing", ""])


def test_nothing_was_deleted(delete, trash_folder) -> None:
    assert delete("missing")["trash"] is None
    assert not list(trash_folder.iterdir())


def test_a_link_goes_and_not_what_it_leads_to(delete, home) -> None:
    (home / "a").mkdir()
    (home / "link").symlink_to("a")
    delete("link")
    assert os.listdir(home) == ["a"]


def test_emptying(delete, script, home, trash_folder) -> None:
    (home / "a" / "b").mkdir(parents=True)
    delete("a")
    assert script.delete("/trash").status_code == 204
    assert not list(trash_folder.iterdir())


def test_a_folder_comes_back_private(delete, script, home, student) -> None:
    (home / "a").mkdir()
    PublishedFolder.objects.create(person=student, path="a")
    bin_id = delete("a")["trash"]
    assert not PublishedFolder.objects.exists()
    script.post(f"/trash/{bin_id}/restore")
    assert not PublishedFolder.objects.exists()


def test_the_trash_counts(delete, script, home) -> None:
    (home / "a").write_bytes(b"x" * 1000)
    delete("a")
    assert script.get("/list").json()["quota"]["used_bytes"] >= 1000
    script.delete("/trash")
    assert script.get("/list").json()["quota"]["used_bytes"] == 0


@pytest.mark.parametrize("call", ["mkdir", "rename"])
def test_a_full_disk_stops_nothing(delete, home, monkeypatch, call) -> None:
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / "b" / "c").write_text("x")
    delete("missing")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, call, full)
    answer = delete("a")
    monkeypatch.undo()
    assert (answer["done"], answer["trash"]) == (["a"], None)
    assert not list(home.iterdir())


def test_the_trash_is_on_another_disk(delete, home, monkeypatch) -> None:
    (home / "a").write_text("x")

    def elsewhere(*_args: object, **_more: object) -> None:
        raise OSError(errno.EXDEV, "elsewhere")

    monkeypatch.setattr(os, "rename", elsewhere)
    answer = delete("a")
    assert "another disk" in answer["failed"][0]["detail"]
    assert (home / "a").exists()


def age(trash_folder, days: float) -> None:
    for path in trash_folder.iterdir():
        path.rename(trash_folder / f"{int((time.time() - days * 86400) * 1e6):014x}{path.name[14:]}")


@pytest.mark.parametrize("door", ["list", "delete", "command"])
def test_after_30_days(delete, script, home, trash_folder, door) -> None:
    (home / "old").write_text("")
    (home / "new").write_text("")
    delete("old")
    age(trash_folder, 30.1)
    delete("new") if door == "delete" else delete("missing")
    if door == "list":
        script.get("/trash")
    elif door == "command":
        call_command("empty_trash")
    left = [json.loads(path.read_text())["path"] for path in trash_folder.glob("*/*.json")]
    assert left == (["new"] if door == "delete" else [])


def test_29_days_are_not_enough(delete, script, home, trash_folder) -> None:
    (home / "old").write_text("")
    delete("old")
    age(trash_folder, 29.9)
    call_command("empty_trash")
    assert len(entries(script)) == 1
    call_command("empty_trash", "student", "--days", "0")
    assert not list(trash_folder.iterdir())


def test_nobody_s_trash(home) -> None:
    with pytest.raises(CommandError):
        call_command("empty_trash", "student")


def test_whoever_looks_does_only_part_of_the_work(delete, script, home, trash_folder, monkeypatch) -> None:
    (home / "old").mkdir()
    for number in range(20):
        (home / "old" / str(number)).write_text("")
    delete("old")
    age(trash_folder, 31)
    monkeypatch.setattr(trash, "EXPIRED_AT_ONCE", 15)
    script.get("/trash")
    assert 0 < len(list(trash_folder.rglob("*"))) < 20
    script.get("/trash")
    assert not list(trash_folder.iterdir())


def test_a_torn_note(delete, script, home, trash_folder) -> None:
    """The disk was full, or the power went."""
    (home / "a").write_text("")
    bin_id = delete("a")["trash"]
    (trash_folder / bin_id / "0.json").write_text("{")
    assert entries(script) == []
    assert script.post(f"/trash/{bin_id}/restore").status_code == 404
    script.delete("/trash")
    assert not list(trash_folder.iterdir())

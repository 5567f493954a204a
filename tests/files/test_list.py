"""GET /api/files/list."""

from __future__ import annotations

import os

import pytest

from files import listing
from files.models import PublishedFolder, StaticMapping
from files.shapes import ListOut


def test_a_folder(script, home) -> None:
    (home / "b.py").write_text("print(1)")
    (home / "a").mkdir()
    (home / "a b%").write_text("")
    answer = script.get("/list").json()
    assert ListOut(**answer).model_dump(mode="json").keys() == answer.keys(), "the answer is made without it"
    assert [(entry["name"], entry["path"], entry["kind"], entry["size_bytes"]) for entry in answer["entries"]] == [
        ("a", "a", "folder", (home / "a").stat().st_size),
        ("a b%", "a%20b%25", "file", 0),
        ("b.py", "b.py", "file", 8),
    ]
    assert answer["entries"][2]["type"] == "text/x-python"
    assert (answer["path"], answer["name"], answer["owner"], answer["writable"]) == ("", "", "student", True)
    assert (answer["published"], answer["public_url"], answer["more"]) == (False, "", 0)
    assert answer["quota"] == {"used_bytes": 4096 + 8, "limit_bytes": 1024 * 1024 * 1024}


def test_a_folder_in_it(script, home) -> None:
    (home / "a b" / "c").mkdir(parents=True)
    (home / "a b" / "c" / "d.txt").write_text("x")
    answer = script.get("/list", path="a%20b/c").json()
    assert (answer["path"], answer["name"], answer["entries"][0]["path"]) == ("a%20b/c", "c", "a%20b/c/d.txt")
    assert script.names("a%20b/c/") == ["d.txt"]


def test_hidden_things(script, home) -> None:
    for name in (".profile", "__pycache__", "a.pyc", "a.py"):
        (home / name).write_text("")
    assert script.names() == ["a.py"]
    assert script.names(hidden=1) == [".profile", "__pycache__", "a.py", "a.pyc"]


def test_what_is_neither_file_nor_folder(script, home) -> None:
    os.mkfifo(home / "fifo")
    (home / "file").write_text("")
    for name, end in (("good", "file"), ("gone", "missing"), ("out", "/etc/passwd"), ("loop", "loop")):
        (home / name).symlink_to(end)
    entries = {entry["name"]: entry for entry in script.get("/list").json()["entries"]}
    assert {name: (entry["kind"], entry["leads_to"]) for name, entry in entries.items()} == {
        "fifo": ("other", ""),
        "file": ("file", ""),
        "good": ("link", "file"),
        "gone": ("link", ""),
        "out": ("link", ""),
        "loop": ("link", ""),
    }


@pytest.mark.parametrize("seconds", [-(2**40), 0, 2**33, 2**40])
def test_any_date(script, home, seconds) -> None:
    (home / "a").write_text("")
    os.utime(home / "a", (seconds, seconds))
    [entry] = script.get("/list").json()["entries"]
    assert entry["modified"][:4].isdecimal()


def test_what_is_published(script, home, student) -> None:
    (home / "a" / "b").mkdir(parents=True)
    (home / "a" / ".secret").write_text("")
    PublishedFolder.objects.create(person=student, path="a")
    [entry] = script.get("/list").json()["entries"]
    assert entry["published"]
    inner = script.get("/list", path="a", hidden=1).json()
    assert [(entry["name"], entry["published"]) for entry in inner["entries"]] == [(".secret", False), ("b", True)]
    assert (inner["published"], inner["public_url"]) == (True, "http://pages.localhost:8000/~student/a/")


@pytest.mark.parametrize("path", ["missing", "file", "file/x", "..", "%2e%2e", "a//b", "/etc", "%00"])
def test_no_such_folder(script, home, path) -> None:
    (home / "file").write_text("")
    answer = script.get("/list", path=path)
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("There is nothing here")


def test_no_more_is_looked_at_than_anybody_reads(script, home, monkeypatch) -> None:
    monkeypatch.setattr(listing, "NAMES_MAX", 10)
    monkeypatch.setattr(listing, "ENTRIES_MAX", 4)
    for number in range(20):
        (home / f"{number}").write_text("")
    answer = script.get("/list").json()
    assert (len(answer["entries"]), answer["more"]) == (4, 6)


def test_somebody_without_a_home_gets_one(script, home) -> None:
    home.rmdir()
    assert script.names() == []
    assert home.stat().st_mode & 0o777 == 0o700


def look(script, path: str = "") -> tuple[bool, str, list[str]]:
    """Whether everybody sees the folder, where, and the names in it that everybody sees."""
    answer = script.get("/list", path=path, hidden=1).json()
    address = answer["public_url"].removeprefix("http://pages.localhost:8000/~student/")
    return answer["published"], address, [entry["name"] for entry in answer["entries"] if entry["published"]]


def test_what_a_mapping_shows(script, home, student) -> None:
    (home / "work" / "site" / "inner").mkdir(parents=True)
    (home / "work" / "site" / ".secret").write_text("")
    (home / "work" / "notes.txt").write_text("")
    StaticMapping.objects.create(person=student, address="shop", path="work/site")
    assert look(script) == (False, "", [])
    assert look(script, "work") == (False, "", ["site"])
    assert look(script, "work/site") == (True, "shop/", ["inner"])
    assert look(script, "work/site/inner") == (True, "shop/inner/", [])
    StaticMapping.objects.create(person=student, address="s", path="work")
    assert look(script, "work/site") == (True, "shop/", ["inner"])
    PublishedFolder.objects.create(person=student, path="work")
    assert look(script, "work/site") == (True, "work/site/", ["inner"])
    others = script.get("/list", path="work/site").json()["other_urls"]
    assert [url.rpartition("~student/")[2] for url in others] == ["shop/", "s/site/"]


def test_what_a_mapping_covers(script, home, student) -> None:
    for path in ("a/b/c", "other/c"):
        (home / path).mkdir(parents=True)
    PublishedFolder.objects.create(person=student, path="a")
    StaticMapping.objects.create(person=student, address="a/b", path="other")
    assert look(script, "a") == (True, "a/", [])
    assert look(script, "a/b") == (False, "", [])
    assert look(script, "other") == (True, "a/b/", ["c"])


def test_a_hidden_folder_that_is_published_shows_nothing(script, home, student) -> None:
    (home / ".x" / "a").mkdir(parents=True)
    (home / "back\\slash").mkdir()
    PublishedFolder.objects.create(person=student, path=".x")
    PublishedFolder.objects.create(person=student, path="back%5Cslash")
    assert look(script, ".x") == (False, "", [])
    assert look(script) == (False, "", [])


def test_of_the_whole_space_that_one_folder_is(script, home, student) -> None:
    (home / "a" / "b").mkdir(parents=True)
    StaticMapping.objects.create(person=student, address="", path="a")
    assert look(script) == (False, "", ["a"])
    assert look(script, "a") == (True, "", ["b"])
    assert look(script, "a/b") == (True, "b/", [])

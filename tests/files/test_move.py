"""POST /api/files/move, without `copy`."""

from __future__ import annotations

from files.models import PublishedFolder


def test_several(script, home) -> None:
    (home / "to").mkdir()
    (home / "from" / "deep").mkdir(parents=True)
    (home / "a.py").write_text("a")
    answer = script.post("/move", paths=["a.py", "from"], to="to").json()
    assert answer == {"done": ["to/a.py", "to/from"], "failed": []}
    assert (home / "to" / "from" / "deep").is_dir()
    assert sorted(path.name for path in home.iterdir()) == ["to"]


def test_into_the_home(script, home) -> None:
    (home / "a").mkdir()
    (home / "a" / "b").write_text("")
    assert script.post("/move", paths=["a/b"], to="").json()["done"] == ["b"]


def test_a_half_done_batch_says_what_was_done(script, home) -> None:
    (home / "to").mkdir()
    for name in ("a", "b", "to/b"):
        (home / name).write_text(name)
    answer = script.post("/move", paths=["a", "b", "missing", "..", "to", ""], to="to").json()
    assert answer["done"] == ["to/a"]
    assert [(failed["path"], failed["detail"][:26]) for failed in answer["failed"]] == [
        ("b", "There is a b here already."),
        ("missing", "There is nothing here with"),
        ("to", "to cannot be put into itse"),
        ("", "This is your whole folder."),
        ("..", "There is nothing here with"),
    ]
    assert (home / "to" / "b").read_text() == "to/b"
    assert (home / "b").read_text() == "b"


def test_into_what_is_below_it(script, home) -> None:
    (home / "a" / "b").mkdir(parents=True)
    [failed] = script.post("/move", paths=["a"], to="a/b").json()["failed"]
    assert failed["detail"].startswith("a cannot be put into itself")
    assert (home / "a" / "b").is_dir()


def test_into_no_folder(script, home) -> None:
    (home / "a").write_text("")
    (home / "b").write_text("")
    assert script.post("/move", paths=["a"], to="b").json()["failed"]
    assert script.post("/move", paths=["a"], to="missing").json()["failed"]
    assert (home / "a").exists()


def test_what_is_published_stays_so(script, home, student) -> None:
    (home / "a").mkdir()
    (home / "to").mkdir()
    PublishedFolder.objects.create(person=student, path="a")
    script.post("/move", paths=["a"], to="to")
    assert PublishedFolder.objects.get().path == "to/a"


def test_too_many_at_once(script) -> None:
    assert script.post("/move", paths=["a"] * 1001, to="to").status_code == 422

"""What was typed and not saved goes where its file goes: renamed, moved, deleted in Files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from editor import drafts
from editor.models import Draft
from files.paths import from_text


@pytest.fixture
def home(site_settings, settings) -> Path:
    folder: Path = settings.IVLE_HOMES / "student"
    (folder / "lab").mkdir(parents=True)
    for name in ("a.py", "A.PY", "lab/a.py", "lab/b.py", "lab.py"):
        (folder / name).write_text("saved\n")
    return folder


@pytest.fixture
def typed(student):
    """Into each of these files."""

    def typed_into(*paths: str) -> None:
        for path in paths:
            drafts.keep(student, from_text(path), f"typed into {path}", "")

    return typed_into


def ask(script, action: str, **wish: object) -> None:
    answer = script.client.post(f"/api/files/{action}", json.dumps(wish), content_type="application/json")
    assert answer.status_code == 200, answer.content


def kept(person) -> dict[str, str]:
    paths = Draft.objects.filter(person=person).values_list("path", flat=True)
    return {path: drafts.find(person, from_text(path)).text for path in paths}  # type: ignore[union-attr]


def test_it_follows_a_rename(script, student, home, typed) -> None:
    typed("a.py", "A.PY", "lab/a.py")
    ask(script, "rename", path="a.py", name="c%20d.py")
    assert kept(student) == {
        "c%20d.py": "typed into a.py",
        "A.PY": "typed into A.PY",
        "lab/a.py": "typed into lab/a.py",
    }


def test_it_follows_the_folder(script, student, home, typed) -> None:
    typed("lab/a.py", "lab/b.py", "lab.py")
    ask(script, "rename", path="lab", name="labs")
    assert kept(student) == {
        "labs/a.py": "typed into lab/a.py",
        "labs/b.py": "typed into lab/b.py",
        "lab.py": "typed into lab.py",
    }


def test_it_follows_a_move_and_stays_where_a_copy_is_made(script, student, home, typed) -> None:
    typed("lab/a.py", "lab/b.py")
    (home / "to").mkdir()
    ask(script, "move", paths=["lab/a.py"], to="to")
    ask(script, "move", paths=["lab/b.py"], to="to", copy=True)
    assert kept(student) == {"to/a.py": "typed into lab/a.py", "lab/b.py": "typed into lab/b.py"}


def test_it_goes_with_its_file(script, student, home, typed) -> None:
    typed("a.py", "A.PY", "lab/a.py", "lab.py")
    ask(script, "delete", paths=["a.py", "lab"])
    assert kept(student) == {"A.PY": "typed into A.PY", "lab.py": "typed into lab.py"}


def test_others_keep_theirs(script, student, classmate, home, typed) -> None:
    drafts.keep(classmate, (b"a.py",), "theirs", "")
    typed("a.py")
    ask(script, "rename", path="a.py", name="b.py")
    ask(script, "delete", paths=["b.py"])
    assert (kept(student), kept(classmate)) == ({}, {"a.py": "theirs"})


@pytest.mark.parametrize("order", [("a.py", "new.py"), ("new.py", "a.py")])
def test_of_two_the_later_stays(script, student, home, typed, order) -> None:
    """Something was typed into a new file, never saved; then another got its name."""
    typed(*order)
    ask(script, "rename", path="a.py", name="new.py")
    assert kept(student) == {"new.py": f"typed into {order[1]}"}

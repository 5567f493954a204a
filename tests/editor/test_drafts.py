"""What was typed and not saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from editor import drafts
from editor.models import Draft
from tests.editor.conftest import Script


def test_it_is_kept_and_found(script) -> None:
    put = script.put("/draft?path=a/b%2520c.py", text="x = 1\n", base_etag='"1-2-3"')
    got = script.get("/draft?path=a/b%2520c.py")
    assert put.status_code == got.status_code == 200
    assert got.json() == put.json() == {"text": "x = 1\n", "base_etag": '"1-2-3"', "saved": got.json()["saved"]}


def test_the_last_one_counts(script) -> None:
    for text in ("first", "second"):
        script.put("/draft?path=a.txt", text=text)
    assert script.get("/draft?path=a.txt").json()["text"] == "second"
    assert Draft.objects.count() == 1


def test_it_goes_when_the_file_is_saved(script) -> None:
    script.put("/draft?path=a.py", text="x")
    assert script.delete("/draft?path=a.py").status_code == 204
    assert script.get("/draft?path=a.py").status_code == 204
    assert script.delete("/draft?path=a.py").status_code == 204


def test_it_is_ones_own(script, classmate) -> None:
    other = Script(classmate)
    script.put("/draft?path=a.py", text="mine")
    assert other.get("/draft?path=a.py").status_code == 204
    other.put("/draft?path=a.py", text="theirs")
    other.delete("/draft?path=a.py")
    assert script.get("/draft?path=a.py").json()["text"] == "mine"


@pytest.mark.parametrize("text", ["", "\0", "\u00e4\U0001f600\u202e", "a\r\nb\rc\n", "<script>"])
def test_any_text(script, text: str) -> None:
    script.put("/draft?path=a.py", text=text)
    assert script.get("/draft?path=a.py").json()["text"] == text


def test_half_a_character(student) -> None:
    drafts.keep(student, (b"a.py",), "\ud800", "")
    kept = drafts.find(student, (b"a.py",))
    assert kept
    assert kept.text == "\ud800"


def test_a_name_that_is_not_text(script) -> None:
    script.put("/draft?path=%25FF.py", text="x")
    assert script.get("/draft?path=%25FF.py").json()["text"] == "x"
    assert Draft.objects.get().path == "%FF.py"


def test_one_that_is_as_large_as_may_be(script) -> None:
    assert script.put("/draft?path=a.txt", text="x" * drafts.TEXT_MAX_BYTES).status_code == 200
    answer = script.put("/draft?path=a.txt", text="\u00e4" * (drafts.TEXT_MAX_BYTES // 2) + "x")
    assert (answer.status_code, "2 MB" in answer.json()["detail"]) == (413, True)
    assert len(script.get("/draft?path=a.txt").json()["text"]) == drafts.TEXT_MAX_BYTES


def test_so_many_of_one_person(student, classmate, monkeypatch) -> None:
    """The oldest goes, and nobody else's."""
    monkeypatch.setattr(drafts, "DRAFTS_OF_PERSON_MAX", 3)
    drafts.keep(classmate, (b"a.py",), "x", "")
    for name in (b"1", b"2", b"3", b"1", b"4"):
        drafts.keep(student, (name,), "x", "")
    assert set(Draft.objects.filter(person=student).values_list("path", flat=True)) == {"1", "3", "4"}
    assert Draft.objects.filter(person=classmate).count() == 1


def test_old_ones_go(student, classmate) -> None:
    drafts.keep(classmate, (b"old.py",), "x", "")
    Draft.objects.update(saved=timezone.now() - drafts.KEPT - timedelta(hours=1))
    drafts.keep(student, (b"new.py",), "x", "")
    assert list(Draft.objects.values_list("path", flat=True)) == ["new.py"]


@pytest.mark.parametrize("path", ["", "..", "a/../b", "a/", "%2Fetc%2Fpasswd", "%2500"])
def test_a_path_that_no_file_can_have(script, path: str) -> None:
    for answer in (
        script.get(f"/draft?path={path}"),
        script.put(f"/draft?path={path}", text="x"),
        script.delete(f"/draft?path={path}"),
    ):
        assert answer.status_code == 404

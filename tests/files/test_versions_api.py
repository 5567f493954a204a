"""Versions by the API: every door that writes keeps them; list, compare, read, restore."""

from __future__ import annotations

import os
from urllib.parse import quote

import pytest

from files import diffing
from files.version_store import CONTENT_MAX_BYTES


@pytest.fixture
def history(script):
    """history("a.py") is what the API lists of it."""

    def history(path: str) -> list[dict]:
        return script.get("/versions", path=path).json()["entries"]

    return history


def content_of(script, version_id: str) -> bytes:
    return script.get(f"/versions/{version_id}/content").content


def test_a_save_tells_its_version(script, history) -> None:
    first = script.put("a.py", b"one").json()["version"]
    second = script.put("a.py", b"two").json()["version"]
    assert [(entry["id"], entry["why"], entry["size_bytes"]) for entry in history("a.py")] == [
        (second, "save", 3),
        (first, "save", 3),
    ]
    assert (content_of(script, first), content_of(script, second)) == (b"one", b"two")


def test_what_a_program_wrote_meanwhile(script, home, history) -> None:
    script.put("a.py", b"one")
    (home / "a.py").write_bytes(b"by a program")
    script.put("a.py", b"two")
    assert [entry["why"] for entry in history("a.py")] == ["save", "run", "save"]


def test_a_refused_save_keeps_nothing_new(script, history) -> None:
    script.put("a.py", b"one")
    assert script.put("a.py", b"two", {"If-Match": '"no"'}).status_code == 412
    assert len(history("a.py")) == 1


def test_a_version_comes_as_a_download(script) -> None:
    version = script.put("a%20b.html", b"<script>alert(1)</script>").json()["version"]
    answer = script.get(f"/versions/{version}/content")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.html"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_large_files_say_that_they_have_none(script, home) -> None:
    (home / "a.bin").write_bytes(b"")
    os.truncate(home / "a.bin", CONTENT_MAX_BYTES + 1)
    answer = script.get("/versions", path="a.bin").json()
    assert answer["entries"] == []
    assert "larger than 10 MB" in answer["sentence"]
    assert script.get("/versions", path="missing").json() == {"entries": [], "sentence": None}


# --- differences -----------------------------------------------------------------------------------------------------


def test_from_one_version_to_another_and_to_now(script, home) -> None:
    first = script.put("a.py", b"a\nb\n").json()["version"]
    second = script.put("a.py", b"a\nB\n").json()["version"]
    (home / "a.py").write_bytes(b"a\nB\nc\n")
    answer = script.get("/versions/diff", path="a.py", **{"from": first, "to": second}).json()
    assert answer["diff"].splitlines() == ["--- a.py", "+++ a.py", "@@ -1,2 +1,2 @@", " a", "-b", "+B"]
    assert "+c" in script.get("/versions/diff", path="a.py", **{"from": second}).json()["diff"]
    same = script.get("/versions/diff", path="a.py", **{"from": first, "to": first}).json()
    assert same == {"diff": "", "binary": False, "truncated": False, "sentence": None}


def test_no_difference_of_pictures_or_of_large_files(script) -> None:
    first = script.put("a", b"a\0b").json()["version"]
    assert script.get("/versions/diff", path="a", **{"from": first}).json()["binary"]
    large = script.put("b", b"x\n" * (diffing.LINES_MAX + 1)).json()["version"]
    assert "too large to be compared" in script.get("/versions/diff", path="b", **{"from": large}).json()["sentence"]


# --- back ------------------------------------------------------------------------------------------------------------


def test_restoring_keeps_what_was_there(script, home, history) -> None:
    first = script.put("a.py", b"one").json()["version"]
    script.put("a.py", b"two")
    (home / "a.py").write_bytes(b"not saved by the site")
    answer = script.post("/versions/restore", path="a.py", id=first)
    assert (answer.status_code, answer.json()["size_bytes"]) == (200, 3)
    assert (home / "a.py").read_bytes() == b"one"
    assert [(entry["why"], content_of(script, entry["id"])) for entry in history("a.py")] == [
        ("save", b"one"),
        ("before_restore", b"not saved by the site"),
        ("save", b"two"),
        ("save", b"one"),
    ]
    assert answer.json()["version"] == history("a.py")[0]["id"]


def test_a_deleted_file_comes_back_with_its_folders(script, home) -> None:
    script.post("/folder", path="f")
    script.post("/folder", path="f/g")
    script.put("f/g/a.py", b"one")
    (home / "f" / "g" / "a.py").write_bytes(b"two")
    script.post("/delete", paths=["f"])
    [gone] = script.get("/versions/deleted").json()["entries"]
    assert (gone["path"], gone["name"]) == ("f/g/a.py", "a.py")
    assert script.post("/versions/restore", path=gone["path"], id=gone["id"]).status_code == 200
    assert (home / "f" / "g" / "a.py").read_bytes() == b"two"
    assert script.get("/versions/deleted").json()["entries"] == []


def test_what_a_program_deleted_is_there_as_well(script, home) -> None:
    script.put("a.py", b"one")
    (home / "a.py").unlink()
    assert [gone["path"] for gone in script.get("/versions/deleted").json()["entries"]] == ["a.py"]


def test_into_another_file(script, home) -> None:
    version = script.put("a.py", b"one").json()["version"]
    script.post("/versions/restore", path="b.py", id=version)
    assert (home / "b.py").read_bytes() == b"one"


def test_restoring_where_there_is_no_room(script, home, settings) -> None:
    from files import quota

    settings.IVLE_QUOTA_MB = 1
    version = script.put("a.py", b"x" * 600_000).json()["version"]
    script.put("a.py", b"short")
    (home / "big").write_bytes(b"x" * 600_000)
    quota.forget("student")
    assert script.post("/versions/restore", path="a.py", id=version).status_code == 507
    assert (home / "a.py").read_bytes() == b"short"


# --- following -------------------------------------------------------------------------------------------------------


def test_a_rename_and_a_move_take_the_versions_along(script, history) -> None:
    script.put("a.py", b"one")
    script.post("/rename", path="a.py", name="b.py")
    assert len(history("b.py")) == 1
    script.post("/folder", path="f")
    script.post("/move", paths=["b.py"], to="f")
    script.post("/rename", path="f", name="g")
    script.put("g/b.py", b"two")
    assert [content_of(script, entry["id"]) for entry in history("g/b.py")] == [b"two", b"one"]
    assert script.get("/versions/deleted").json()["entries"] == []


def test_a_copy_has_none_of_its_own(script, history) -> None:
    script.put("a.py", b"one")
    script.post("/folder", path="f")
    script.post("/move", paths=["a.py"], to="f", copy=True)
    assert (len(history("a.py")), len(history("f/a.py"))) == (1, 0)


# --- others ----------------------------------------------------------------------------------------------------------


def test_an_administrator_reads_and_does_not_write(script, administrator, client_of) -> None:
    version = script.put("a.py", b"one").json()["version"]
    admin = client_of(administrator)
    for address in (
        "/versions?path=a.py&owner=student",
        f"/versions/{version}/content?owner=student",
        f"/versions/diff?path=a.py&from={version}&owner=student",
        "/versions/deleted?owner=student",
        "/preview?path=a.py&owner=student",
    ):
        assert admin.get(f"/api/files{address}").status_code == 200
    restore = f'{{"path": "a.py", "id": "{version}"}}'
    assert admin.post("/api/files/versions/restore", restore, content_type="application/json").status_code == 404
    assert admin.get(f"/api/files/versions/{version}/content").status_code == 404


def test_to_all_others_it_is_not_there(script, classmate, client_of) -> None:
    version = script.put("a.py", b"one").json()["version"]
    for address in (
        "/versions?path=a.py&owner=student",
        f"/versions/{version}/content?owner=student",
        f"/versions/{version}/content",
        f"/versions/diff?path=a.py&from={version}&owner=student",
        f"/versions/diff?path=a.py&from={version}",
        "/versions/deleted?owner=student",
        "/preview?path=a.py&owner=student",
        "/preview?path=a.py",
    ):
        assert client_of(classmate).get(f"/api/files{address}").status_code == 404
    assert client_of(classmate).get("/api/files/versions?path=a.py").json()["entries"] == []


@pytest.mark.parametrize("version", ["x", "0" * 32 + "-1", "9" * 64])
def test_what_was_never_kept(script, version) -> None:
    answer = script.get(f"/versions/{version}/content")
    assert (answer.status_code, answer.json()["detail"]) == (404, "This version is not kept any more.")
    assert script.post("/versions/restore", path="a", id=version).status_code == 404


# --- previews --------------------------------------------------------------------------------------------------------


def test_a_preview_by_the_api(script, home) -> None:
    (home / "a.md").write_text("# *Title*")
    answer = script.get("/preview", path="a.md").json()
    assert (answer["kind"], answer["html"]) == ("markdown", "<h1><em>Title</em></h1>\n")
    assert answer["text"] is answer["rows"] is answer["url"] is None


def test_the_address_in_a_preview_leads_to_the_file(script, home) -> None:
    name = b"\xff %?&#.png"
    (home / os.fsdecode(name)).write_bytes(b"\x89PNG\r\n\x1a\n")
    url = script.get("/preview", path=quote(name)).json()["url"]
    answer = script.client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")


def test_no_preview_of_a_folder(script, home) -> None:
    (home / "f").mkdir()
    assert script.get("/preview", path="f").status_code == 409
    assert script.get("/preview", path="missing").status_code == 404
    assert script.get("/preview", path="").status_code == 409

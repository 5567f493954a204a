"""PUT /api/files/content."""

from __future__ import annotations

import pytest
from django.test import Client


def test_new_and_again(script, home) -> None:
    first = script.put("a%20b.py", b"one")
    assert (first.status_code, first.json()["path"], first.json()["size_bytes"]) == (201, "a%20b.py", 3)
    assert script.put("a%20b.py", b"two").status_code == 200
    assert (home / "a b.py").read_bytes() == b"two"


def test_an_empty_file(script, home) -> None:
    assert script.put("a.py", b"").status_code == 201
    assert (home / "a.py").read_bytes() == b""


def test_a_conflict_names_what_is_there(script, home) -> None:
    first = script.put("a.py", b"one").json()["etag"]
    second = script.put("a.py", b"two", {"if-match": first}).json()["etag"]
    answer = script.put("a.py", b"three", {"if-match": first})
    assert (answer.status_code, answer.json()["etag"]) == (412, second)
    assert answer.json()["detail"].startswith("Somebody else saved")
    assert (home / "a.py").read_bytes() == b"two"


def test_only_where_nothing_is(script, home) -> None:
    assert script.put("a.py", b"one", {"if-none-match": "*"}).status_code == 201
    assert script.put("a.py", b"two", {"if-none-match": "*"}).status_code == 412


@pytest.mark.parametrize("headers", [{"if-match": "*"}, {"if-match": '"a", "b"'}, {"if-none-match": '"a"'}])
def test_what_nobody_means(script, home, headers) -> None:
    assert script.put("a.py", b"one", headers).status_code == 400


def test_too_large(script, home, settings) -> None:
    settings.IVLE_UPLOAD_MAX_BYTES = 4
    assert script.put("a.py", b"five!").status_code == 413
    assert not (home / "a.py").exists()


def test_the_quota(script, home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    (home / "a.py").write_bytes(b"x" * 1_000_000)
    answer = script.put("b.py", b"x" * 100_000)
    assert answer.status_code == 507
    assert answer.json()["detail"].startswith("This needs 98 KB more, and of the 1 MB of your folder 47 KB are free.")
    assert not (home / "b.py").exists()
    assert script.put("a.py", b"y" * 1_000_000).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("", 400), ("..", 400), ("a%2fb", 400), ("folder", 409), ("missing/a", 404)]
)
def test_where_nothing_can_be_saved(script, home, path, status) -> None:
    (home / "folder").mkdir()
    assert script.put(path, b"x").status_code == status


def test_a_page_needs_the_csrf_token(student, home, client_of) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    answer = page.put("/api/files/content?path=a.py", b"x", content_type="application/octet-stream")
    assert answer.status_code == 403
    assert not (home / "a.py").exists()
    assert client_of(student).put("/api/files/content?path=a.py", b"x").status_code == 201


def test_folders_are_made_where_that_is_asked_for(script, home) -> None:
    assert script.put("a/b/c.py", b"one").status_code == 404
    assert not (home / "a").exists()
    assert script.put("a/b/c.py", b"one", more="&folders=true").status_code == 201
    assert script.put("a/b/d.py", b"two", more="&folders=true").status_code == 201
    assert (home / "a" / "b" / "c.py").read_bytes() == b"one"


@pytest.mark.parametrize("path", ["../out/c.py", "c.py/d.py", "/x/../../c.py"])
def test_folders_are_made_nowhere_else(script, home, path) -> None:
    script.put("c.py", b"one")
    assert script.put(path, b"two", more="&folders=true").status_code in (400, 404, 409)
    assert (home / "c.py").read_bytes() == b"one"
    assert [entry.name for entry in home.iterdir()] == ["c.py"]
    assert not (home.parent / "out").exists()

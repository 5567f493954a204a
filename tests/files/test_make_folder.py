"""POST /api/files/folder."""

from __future__ import annotations

import stat

import pytest


def test_a_folder(script, home) -> None:
    answer = script.post("/folder", path="a%20b")
    assert (answer.status_code, answer.json()) == (201, {"path": "a%20b"})
    made = (home / "a b").stat()
    assert stat.S_IMODE(made.st_mode) == 0o700
    assert (made.st_uid, made.st_gid) == (home.stat().st_uid, home.stat().st_gid)
    assert script.post("/folder", path="a%20b/c").status_code == 201


def test_it_is_there_already(script, home) -> None:
    (home / "a").write_text("x")
    answer = script.post("/folder", path="a")
    assert (answer.status_code, answer.json()["detail"]) == (409, "There is a a here already. Choose another name.")
    assert (home / "a").is_file()


@pytest.mark.parametrize(("path", "status"), [("", 400), ("..", 400), ("a/../b", 400), ("x" * 256, 400), ("no/a", 404)])
def test_what_cannot_be_made(script, path, status) -> None:
    assert script.post("/folder", path=path).status_code == status


def test_the_quota(script, home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    (home / "a").write_bytes(b"x" * 1024 * 1024)
    assert script.post("/folder", path="b").status_code == 507
    assert not (home / "b").exists()

"""Whatever a file is called, it is listed, read, saved, renamed, moved, deleted and restored."""

from __future__ import annotations

import os

import pytest

from files.paths import as_text

NAMES = [
    b"with space",
    b" ",
    b"'single' \"double\" `back`",
    b"new\nline\r\n",
    b"tab\tbell\x07escape\x1b[31m",
    "right\N{RIGHT-TO-LEFT OVERRIDE}txt.exe".encode(),
    b"\xff\xfe not UTF-8 \xc3(",
    b"back\\slash",
    b"<script>alert(1)<script>",
    b'"><img src=x onerror=alert(1)>',
    b"%2e%2e",
    b"%00",
    b"100%",
    b"a?b#c&d=e;f",
    b"-rf",
    b"~",
    b"...",
    b"CON",
    "a\N{COMBINING DIAERESIS}".encode(),
    b"x" * 255,
    b"\x7f",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: as_text((name,))[:30])
def test_a_name(script, home, name) -> None:
    path = as_text((name,))
    (home / os.fsdecode(name)).write_bytes(b"old")
    (home / "to").mkdir()
    [entry] = [entry for entry in script.get("/list", hidden=1).json()["entries"] if entry["kind"] == "file"]
    assert entry["path"] == path
    entry["name"].encode()  # characters only
    assert script.get("/content", path=path).content == b"old"
    assert script.put(path, b"new").status_code == 200
    assert script.post("/rename", path=path, name="plain").json() == {"path": "plain"}
    assert script.post("/rename", path="plain", name=path).json() == {"path": path}
    assert script.post("/move", paths=[path], to="to").json()["done"] == [f"to/{path}"]
    assert script.post("/move", paths=[f"to/{path}"], to="", copy=True).json()["done"] == [path]
    bin_id = script.post("/delete", paths=[path]).json()["trash"]
    assert script.get("/trash").json()["entries"][0]["path"] == path
    assert script.post(f"/trash/{bin_id}/restore").json()["path"] == path
    assert (home / os.fsdecode(name)).read_bytes() == b"new"


@pytest.mark.parametrize("name", [name for name in NAMES if len(name) < 200], ids=lambda name: as_text((name,))[:30])
def test_a_folder(script, home, name) -> None:
    path = as_text((name,))
    assert script.post("/folder", path=path).json() == {"path": path}
    assert script.put(f"{path}/{path}", b"x").status_code == 201
    assert script.get("/list", path=path, hidden=1).json()["entries"][0]["path"] == f"{path}/{path}"
    answer = script.post("/publish", path=path, published=True)
    if name.startswith(b".") or b"\\" in name:
        assert (answer.status_code, "never shown" in answer.json()["detail"]) == (409, True)
    else:
        assert answer.json()["public_url"].endswith(f"/~student/{path}/")


def test_a_sentence_has_only_characters(script, home) -> None:
    (home / os.fsdecode(b"\xff")).mkdir()
    answer = script.post("/folder", path="%FF")
    assert "\N{REPLACEMENT CHARACTER}" in answer.json()["detail"]

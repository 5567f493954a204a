"""GET /api/files/content."""

from __future__ import annotations

import os

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient

from accounts.tokens import make_token
from files.content import PIECE_BYTES
from files.paths import as_text


@pytest.fixture
def ask(script):
    def ask(path: str, headers=None, **query):
        return script.get("/content", headers, path=path, **query)

    return ask


def test_the_bytes(ask, home) -> None:
    (home / "a.py").write_bytes(b"print('\xff')")
    answer = ask("a.py")
    assert (answer.status_code, answer.content) == (200, b"print('\xff')")
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/plain; charset=utf-8", "10")
    assert answer["Content-Disposition"] == "inline; filename*=UTF-8''a.py"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_the_etag_is_what_saving_takes(ask, script, home) -> None:
    etag = script.put("a.py", b"one").json()["etag"]
    assert ask("a.py")["ETag"] == etag
    assert ask("a.py", {"if-none-match": etag}).status_code == 304
    script.put("a.py", b"two")
    assert ask("a.py", {"if-none-match": etag}).content == b"two"


def test_a_range(ask, home) -> None:
    (home / "a.mp4").write_bytes(b"0123456789")
    answer = ask("a.mp4", {"range": "bytes=2-4"})
    assert (answer.status_code, answer.content, answer["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert ask("a.mp4", {"range": "bytes=10-"}).status_code == 416


def test_head(script, home) -> None:
    (home / "a.py").write_bytes(b"x" * 5)
    answer = script.client.head("/api/files/content?path=a.py")
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", "5")


@pytest.mark.parametrize(
    ("name", "data", "content_type", "kind"),
    [
        ("a.html", b"<script>", "application/octet-stream", "attachment"),
        ("a.xhtml", b"<script>", "text/plain; charset=utf-8", "inline"),
        ("a.xml", b"<?xml?>", "application/octet-stream", "attachment"),
        ("a.mht", b"MIME", "application/octet-stream", "attachment"),
        ("a.svg", b"<svg onload=x>", "image/svg+xml; charset=utf-8", "attachment"),
        ("a.js", b"alert(1)", "text/plain; charset=utf-8", "inline"),
        ("a.css", b"a{}", "text/plain; charset=utf-8", "inline"),
        ("plain", b"<html><script>", "text/plain; charset=utf-8", "inline"),
        ("binary", b"\0<html>", "application/octet-stream", "attachment"),
        ("a.png", b"<html>", "image/png", "inline"),
        ("a.pdf", b"<html>", "application/octet-stream", "attachment"),
        ("a.swf", b"FWS", "application/octet-stream", "attachment"),
    ],
)
def test_nothing_runs_on_the_site(ask, home, name, data, content_type, kind) -> None:
    (home / name).write_bytes(data)
    answer = ask(name)
    assert (answer["Content-Type"], answer["Content-Disposition"].partition(";")[0]) == (content_type, kind)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert answer["X-Frame-Options"] == "DENY"


def test_a_pdf_may_be_shown_in_a_page_of_ours(ask, home) -> None:
    (home / "a.pdf").write_bytes(b"%PDF-1.7 ")
    answer = ask("a.pdf")
    assert (answer["Content-Type"], answer["X-Frame-Options"]) == ("application/pdf", "SAMEORIGIN")
    assert answer["Content-Security-Policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


def test_a_download(ask, home) -> None:
    (home / "a.py").write_text("")
    assert ask("a.py", download=1)["Content-Disposition"] == "attachment; filename*=UTF-8''a.py"


@pytest.mark.parametrize("name", [b'a"b', b"a\r\nSet-Cookie: x=1", b"\xff\xe2\x80\xae", b"a;b"])
def test_no_name_leaves_its_header(ask, home, name) -> None:
    (home / os.fsdecode(name)).write_text("x")
    answer = ask(as_text((name,)))
    assert answer["Content-Disposition"] == f"inline; filename*=UTF-8''{as_text((name,))}"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("path", "status"), [("", 409), ("folder", 409), ("fifo", 409), ("x", 404), ("out", 404)])
def test_what_is_no_file(ask, home, path, status) -> None:
    (home / "folder").mkdir()
    os.mkfifo(home / "fifo")
    (home / "out").symlink_to("/etc/passwd")
    assert ask(path).status_code == status


@pytest.mark.django_db(transaction=True)
async def test_a_large_file_comes_in_pieces(student, home) -> None:
    data = os.urandom(3 * PIECE_BYTES + 7)
    (home / "large").write_bytes(data)
    token = await database_sync_to_async(make_token)(student, "x")
    client = AsyncClient()
    before = len(os.listdir("/proc/self/fd"))
    answer = await client.get("/api/files/content?path=large", headers={"authorization": f"Bearer {token}"})
    assert answer.streaming
    pieces = [piece async for piece in answer.streaming_content]
    answer.close()
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert len(os.listdir("/proc/self/fd")) == before

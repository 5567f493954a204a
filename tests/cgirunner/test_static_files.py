"""Files that are no programs: sent as they are, typed, in ranges, with validators."""

from __future__ import annotations

import os
import socket

import pytest

from cgirunner import static
from files.media_types import type_of
from files.validators import Slice, Unsatisfiable, is_unchanged, slice_of


@pytest.fixture
def page(owner, home):
    home.write("page.html", "<p>0123456789")
    return lambda **request: owner.ask("/serve/student/page.html", **request)


def test_a_file(page) -> None:
    reply = page()
    assert (reply.status, reply.body, reply["Content-Length"]) == (200, b"<p>0123456789", "13")
    assert (reply["Content-Type"], reply["Accept-Ranges"]) == ("text/html; charset=utf-8", "bytes")
    assert (reply["X-Content-Type-Options"], reply["ETag"][:1]) == ("nosniff", '"')
    assert reply["Content-Security-Policy"].startswith("sandbox ")


def test_head(page) -> None:
    reply = page(method="HEAD")
    assert (reply.status, reply.body, reply["Content-Length"]) == (200, b"", "13")


def test_post(page) -> None:
    reply = page(method="POST")
    assert (reply.status, reply["Allow"]) == (405, "GET, HEAD")


def test_a_range(page) -> None:
    reply = page(headers={"range": "bytes=3-5"})
    assert (reply.status, reply.body, reply["Content-Range"]) == (206, b"012", "bytes 3-5/13")


def test_a_range_behind_the_end(page) -> None:
    reply = page(headers={"range": "bytes=13-"})
    assert (reply.status, reply.body, reply["Content-Range"]) == (416, b"", "bytes */13")


def test_a_range_of_another_version(page) -> None:
    assert page(headers={"range": "bytes=3-5", "if-range": '"other"'}).status == 200
    assert page(headers={"range": "bytes=3-5", "if-range": page()["ETag"]}).status == 206


def test_what_the_browser_has_already(page, home) -> None:
    tag = page()["ETag"]
    reply = page(headers={"if-none-match": tag})
    assert (reply.status, reply.body, reply["ETag"], reply["Content-Length"]) == (304, b"", tag, None)
    home.write("page.html", "<p>changed")
    assert page(headers={"if-none-match": tag}).status == 200


def test_a_large_file_comes_in_pieces(owner, home) -> None:
    content = os.urandom(static.PIECE_BYTES * 2 + 100)
    home.write("large.bin", content)
    reply = owner.ask("/serve/student/large.bin")
    assert (reply.body == content, reply.whole, len(reply.pieces)) == (True, True, 3)


def test_an_empty_file(owner, home) -> None:
    home.write("empty.css", "")
    reply = owner.ask("/serve/student/empty.css")
    assert (reply.status, reply.body, reply["Content-Length"]) == (200, b"", "0")


def test_a_program_is_never_sent(owner, home, supervisor) -> None:
    home.write("program.py", "print('ran')")
    for headers in ({"range": "bytes=0-3"}, {"if-none-match": "*"}, {"accept": "text/x-python"}):
        assert owner.ask("/serve/student/program.py", headers=headers).body == b"ran\n"
    assert owner.ask("/serve/student/program%2Epy").body == b"ran\n"
    assert len(supervisor.jobs) == 4


def test_a_file_takes_no_more_path(owner, home) -> None:
    home.write("page.html", "x")
    assert owner.ask("/serve/student/page.html/").status == 404
    assert owner.ask("/serve/student/page.html/more").status == 404


def test_folders(owner, home) -> None:
    home.write("program/index.py", "print('py')")
    home.write("program/index.html", "html")
    home.write("page/index.html", "html")
    home.write("bare/other.html", "x")
    assert owner.ask("/serve/student/program/").body == b"py\n"
    assert owner.ask("/serve/student/page/").body == b"html"
    assert owner.ask("/serve/student/bare/").status == 404
    assert owner.ask("/serve/student/").status == 404
    redirect = owner.ask("/serve/student/page?a=1")
    assert (redirect.status, redirect["Location"]) == (302, "/serve/student/page/?a=1")
    assert owner.ask("/serve/student/page", method="POST").status == 404


def test_the_home_without_a_slash(owner, home) -> None:
    home.write("index.html", "x")
    assert owner.ask("/serve/student")["Location"] == "/serve/student/"


def test_what_is_no_file_is_not_there_and_nobody_hangs(owner, home) -> None:
    os.mkfifo(home.folder / "fifo.py")
    os.mkfifo(home.folder / "fifo.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(home.folder / "socket"))
        (home.folder / "null").symlink_to("/dev/null")
        (home.folder / "out.txt").symlink_to("/etc/passwd")
        (home.folder / "out").symlink_to("/etc")
        (home.folder / "circle").symlink_to("circle")
        for name in ("fifo.py", "fifo.txt", "socket", "null", "out.txt", "out/passwd", "circle"):
            assert owner.ask(f"/serve/student/{name}").status == 404


def test_a_file_that_became_a_link_to_elsewhere(owner, home, tmp_path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    home.write("page.txt", "mine")
    assert owner.ask("/serve/student/page.txt").body == b"mine"
    (home.folder / "page.txt").unlink()
    (home.folder / "page.txt").symlink_to(tmp_path / "secret.txt")
    assert owner.ask("/serve/student/page.txt").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "..%2fclassmate/a.txt",
        "../classmate/a.txt",
        "%2e%2e/classmate/a.txt",
        "a%00.txt",
        "a//b",
        "./a",
        "%5c..%5ca",
        "%252e%252e/a",
    ],
)
def test_path_tricks(owner, home, path) -> None:
    (home.folder.parent / "classmate").mkdir()
    (home.folder.parent / "classmate" / "a.txt").write_text("secret")
    home.write("a.txt", "mine")
    assert owner.ask(f"/serve/student/{path}").status == 404


def test_control_characters_in_an_address(owner) -> None:
    assert owner.ask("/serve/student/a\0b").status == 400
    assert owner.ask("/serve/student/a.py?x=\0").status == 400


@pytest.mark.parametrize(
    ("name", "beginning", "expected"),
    [
        (b"a.html", b"", b"text/html; charset=utf-8"),
        (b"a.css", b"", b"text/css; charset=utf-8"),
        (b"a.js", b"", b"text/javascript; charset=utf-8"),
        (b"a.svg", b"", b"image/svg+xml; charset=utf-8"),
        (b"a.json", b"", b"application/json; charset=utf-8"),
        (b"a.png", b"text", b"image/png"),
        (b"a.pdf", b"", b"application/pdf"),
        (b"a.tar.gz", b"", b"application/gzip"),
        (b"Makefile", b"all:\n", b"text/plain; charset=utf-8"),
        (b"notes.md", b"# x", b"text/plain; charset=utf-8"),
        (b"a.unknown", b"\xff\xfe", b"application/octet-stream"),
        (b"a.unknown", b"a\0", b"application/octet-stream"),
        (b"\xff.html", b"", b"text/html; charset=utf-8"),
        (b"data:text,html", b"x", b"text/plain; charset=utf-8"),
        (b"cut", ("x" * 4095 + "é").encode()[:4096], b"text/plain; charset=utf-8"),
    ],
)
def test_types(name, beginning, expected) -> None:
    assert type_of(name, beginning) == expected


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("bytes=0-0", Slice(0, 1)),
        ("bytes=5-", Slice(5, 5)),
        ("bytes=5-99", Slice(5, 5)),
        ("bytes=-3", Slice(7, 3)),
        ("bytes=-99", Slice(0, 10)),
        ("bytes=5-3", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("", None),
    ],
)
def test_ranges(asked, answer) -> None:
    assert slice_of({"range": asked}, '"x"', 10) == answer


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0"])
def test_ranges_that_cannot_be(asked) -> None:
    with pytest.raises(Unsatisfiable):
        slice_of({"range": asked}, '"x"', 10)


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"if-none-match": '"a", W/"x"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"a"', "if-modified-since": "Fri, 20 Nov 2026 00:00:00 GMT"}, False),
        ({"if-modified-since": "Thu, 01 Jan 1970 00:01:40 GMT"}, True),
        ({"if-modified-since": "Thu, 01 Jan 1970 00:01:39 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}, False),
        ({}, False),
    ],
)
def test_unchanged(headers, answer) -> None:
    assert is_unchanged(headers, '"x"', 100) is answer

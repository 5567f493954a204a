"""The escape, the filter of queries, the alternate screen and addresses: pure, whatever the pieces they come in."""

from __future__ import annotations

import runpy
import sys

import pytest

from client.address import Address, BadAddress
from client.escape import Escape
from client.queries import UNFINISHED_MAX_BYTES, QueryFilter
from client.terminal import AlternateScreen
from client.words import readable


def in_pieces(data: bytes) -> list[list[bytes]]:
    return [[data], [data[index : index + 1] for index in range(len(data))]] + [
        [data[:cut], data[cut:]] for cut in range(len(data))
    ]


@pytest.mark.parametrize(
    ("typed", "passed", "leaves"),
    [
        (b"~.", b"", True),
        (b"ls\r~.more", b"ls\r", True),
        (b"ls\n~.", b"ls\n", True),
        (b"a~.", b"a~.", False),
        (b"\r~~.", b"\r~.", False),
        (b"\r~/x\r", b"\r~/x\r", False),
        (b"~\r~.", b"~\r", True),
    ],
)
def test_escape(typed: bytes, passed: bytes, leaves: bool) -> None:
    for pieces in in_pieces(typed):
        escape = Escape()
        assert b"".join(escape.feed(piece) for piece in pieces if not escape.leaves) == passed
        assert escape.leaves == leaves


@pytest.mark.parametrize(
    "query",
    [
        b"\x1b[6n",
        b"\x1b[?6n",
        b"\x1b[c",
        b"\x1b[>0c",
        b"\x1b]11;?\x07",
        b"\x1b]4;1;?\x1b\\",
        b"\x1b]52;c;?\x07",
        b"\x1bP+q544e\x1b\\",
        b"\x1b[?2026$p",
        b"\x1b[14t",
        b"\x1bZ",
        b"\x05",
    ],
)
def test_queries_are_taken_out(query: bytes) -> None:
    for pieces in in_pieces(b"a" + query + b"b"):
        queries = QueryFilter()
        assert b"".join(map(queries.feed, pieces)) + queries.flush() == b"ab"


@pytest.mark.parametrize(
    "output",
    [
        "plain ü 漢 😀".encode(),
        b"\x1b[31mred\x1b[0m\x1b[?25l\x1b[2J\x1b[1;1H",
        b"\x1b]0;title\x07\x1b]8;;http://x/;?q\x07",
        b"\x1b]10;#ffffff\x07",
        bytes(range(6, 256)) * 3,
    ],
)
def test_other_output_is_left_alone(output: bytes) -> None:
    for pieces in in_pieces(output) if len(output) < 100 else [[output]]:
        queries = QueryFilter()
        assert b"".join(map(queries.feed, pieces)) + queries.flush() == output


def test_a_sequence_without_an_end_is_not_kept() -> None:
    queries = QueryFilter()
    for _ in range(100):
        queries.feed(b"\x1b]0;" + b"x;?" * 10_000)
        assert len(queries.held) <= UNFINISHED_MAX_BYTES


def test_alternate_screen() -> None:
    for output, on in ((b"\x1b[?1049h", True), (b"\x1b[?25;1047h$\x1b[?1l", True), (b"\x1b[?1049h\x1b[?1049l", False)):
        for pieces in in_pieces(output):
            screen = AlternateScreen()
            for piece in pieces:
                screen.watch(piece)
            assert screen.on == on


def test_addresses() -> None:
    assert Address.read("https://ivle.example.org") == Address("https://ivle.example.org")
    assert Address.read("http://[::1]:8000/console/") == Address("http://[::1]:8000")
    console = Address.read("http://localhost:8000/console/aB_-9/")
    assert (console.console, console.page) == ("aB_-9", "http://localhost:8000/console/aB_-9/")
    assert (
        console.socket("me", None, drives=True) == "ws://localhost:8000/console/aB_-9/socket?client=me&offset=&drives=1"
    )


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "ftp://x/", "http://", "http://me:secret@x/", "http://x/serve/a.py", "http://x:99999/",
     "http://x/console/all", "http://[x/"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadAddress):
        Address.read(url)


def test_who_can_read_along() -> None:
    assert Address.read("https://ivle.example.org").is_private
    assert Address.read("http://127.0.0.1:8000").is_private
    assert not Address.read("http://ivle.example.org").is_private


def test_readable() -> None:
    assert readable("a\x1b[2Jb\u202ec\ud800") == "a [2Jb c"


def test_a_missing_package_is_said_with_its_cure(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "websockets", None)
    for name in [name for name in sys.modules if name.startswith(("client.", "websockets."))]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit) as left:
        runpy.run_module("client", run_name="__main__")
    assert left.value.code == 255
    assert "pip install websockets" in capsys.readouterr().err

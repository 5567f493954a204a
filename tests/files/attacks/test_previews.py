"""Markdown, notebooks and tables that want to be more than looked at. Read as a browser reads them: by their tags."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
from html.parser import HTMLParser

import pytest

from files import previews, rendering
from files.previews import Preview
from files.rendering import clean

HOSTILE_HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='//evil.example/'>x</a>",
    "<a href='/console/new/socket'>x</a>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='https://evil.example/spy.png'>",
    "<img src='/api/files/list'>",
    "<img srcset='https://evil.example/spy.png 1x' src=''>",
    "<form action=/logout><button>x</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<style>@import 'https://evil.example/'</style>",
    "<div style='position:fixed;top:0'>x</div>",
    "<link rel=stylesheet href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<object data=x></object><embed src=x>",
    "<video src=x onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<ivle-console program=python></ivle-console>",
    "<p id=csrf class=primary data-action=delete>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script-->",
    "</section></div><script>alert(1)</script>",
    "<img src=\"/api/files/content?path=x&amp;owner=student\" onload=alert(1)>",
]  # fmt: skip


class Reader(HTMLParser):
    """Fails for every tag and attribute that is not on the list of what does nothing."""

    ours = ("section", "div", "span", "pre", "code")

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.append(tag)
        assert tag in rendering.TAGS | {"section"}, tag
        for name, value in attrs:
            if name == "class":
                assert tag in self.ours
                assert value in ("cell markdown", "cell code", "cell raw", "count", "source", "output", "text", "error")
                continue
            if tag == "a" and (name, value) in (("target", "_blank"), ("rel", "noopener noreferrer nofollow")):
                continue
            assert name in rendering.ATTRIBUTES.get(tag, ()), (tag, name)
            if name == "href":
                assert value.lower().startswith(("http://", "https://", "mailto:", "#")), value
            if name == "src":
                assert value == "" or value.startswith(
                    ("/api/files/content?", "data:image/png;base64,", "data:image/jpeg;base64,")
                ), value


def check(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert "<script" not in html.lower()
    return reader.seen


@pytest.fixture
def look(home, home_fd):
    def look(name: str, content: str | bytes) -> Preview:
        (home / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return previews.preview(home_fd, (name.encode(),), "student")

    return look


def test_the_reader_notices() -> None:
    for html in HOSTILE_HTML:
        if html not in (HOSTILE_HTML[14], HOSTILE_HTML[33]):  # wrong only for what they are relative to; a comment
            with pytest.raises(AssertionError):
                check(html)


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_html(html) -> None:
    check(clean(html))
    check(clean(f"<table><tr><td>{html}"))


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_in_markdown(look, html) -> None:
    for text in (html, f"# {html}", f"|a|\n|-|\n|{html}|", f"[{html}](https://example.edu)", f"```{html}\nx\n```"):
        check(look("a.md", text).html)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "java&#x0A;script:alert(1)", "data:text/html,x", "vbscript:x",
     "file:///etc/passwd", "//evil.example", "/api/docs", "javascript&colon;alert(1)", "\x01javascript:alert(1)"],
)  # fmt: skip
def test_addresses_in_markdown(look, address) -> None:
    for text in (f"[x]({address})", f"[x](<{address}>)", f"<{address}>", f"![x]({address})", f"[x]: {address}\n\n[x]"):
        check(look("a.md", text).html)


@pytest.mark.parametrize("html", HOSTILE_HTML)
def test_in_every_place_of_a_notebook(look, html) -> None:
    outputs = [
        {"output_type": "stream", "name": html, "text": html},
        {"output_type": "error", "ename": html, "evalue": html, "traceback": [html]},
        {"output_type": html, "data": {html: html}},
        *({"output_type": "display_data", "data": {kind: html}} for kind in (
            "text/html", "text/plain", "text/markdown", "image/png", "image/svg+xml", "application/javascript", html)),
    ]  # fmt: skip
    cells = [
        {"cell_type": "code", "execution_count": html, "source": html, "outputs": outputs},
        {"cell_type": "markdown", "source": html, "attachments": {html: {html: html}}},
        {"cell_type": "raw", "source": [html]},
        {"cell_type": html, "source": html},
    ]
    shown = look("a.ipynb", json.dumps({"nbformat": 4, "metadata": {html: html}, "cells": cells}))
    assert shown.kind == "notebook"
    assert check(shown.html).count("section") == 4
    assert shown.html.count("</section>") == 4


@pytest.mark.parametrize(
    "wrong", [None, 5, True, "text", [], {}, [1, None, {}], {"a": 1}, [["deep"]], "\ud800", float("inf"), -1]
)
def test_a_notebook_of_wrong_types(look, wrong) -> None:
    output = {"output_type": "display_data", "data": {"text/html": wrong, "image/png": wrong, "text/plain": wrong}}
    cells = [
        wrong,
        {"cell_type": wrong, "source": wrong},
        {"cell_type": "code", "source": wrong, "execution_count": wrong, "outputs": wrong},
        {"cell_type": "code", "source": "", "outputs": [wrong, {"output_type": wrong}, output,
         {"output_type": "stream", "text": wrong}, {"output_type": "error", "traceback": wrong},
         {"output_type": "display_data", "data": wrong}]},
        {"cell_type": "markdown", "source": wrong},
    ]  # fmt: skip
    shown = look("a.ipynb", json.dumps({"cells": cells}))
    check(shown.html)
    json.dumps(shown.html).encode()


@pytest.mark.parametrize(
    "bomb",
    [
        b'{"cells":' + b"[" * 4_000_000,
        b'{"cells":[' + b"[]," * 2_000_000 + b"[]]}",
        b'{"cells":' + b'{"a":' * 100_000,
        b'{"cells":[' + b"1" * 7_000_000 + b"]}",
    ],
)
def test_a_notebook_made_to_fill_memory_or_time(look, bomb) -> None:
    started = time.monotonic()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    look("a.ipynb", bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - before < 64 * 1024 * 1024
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"<script>alert(1)</script>", b"GIF89a", b""])
def test_a_picture_that_is_none(look, data) -> None:
    picture = base64.b64encode(data).decode()
    output = {"output_type": "display_data", "data": {"image/png": picture, "image/jpeg": [picture]}}
    shown = look("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": "", "outputs": [output]}]}))
    assert "<img" not in shown.html


def test_many_markdown_cells_take_bounded_time(look) -> None:
    cells = [{"cell_type": "markdown", "source": "a|b\n-|-\n" + "|\n" * 20_000}] * 20
    started = time.monotonic()
    shown = look("a.ipynb", json.dumps({"cells": cells}))
    assert shown.truncated
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "piece",
    ["[", "![", "*a ", "_*", "a**b", "[a](", "<", "`", ">", "> - ", "\t-", "[ ", "&", "<a ",
     "a\n=\n", "[a]: b\n", "|\n", "~~a", "***x* "],
)  # fmt: skip
def test_markdown_made_to_take_long(look, piece) -> None:
    """The limit of its size is what bounds it; measured with 64 KiB: 1.3 s at worst."""
    started = time.monotonic()
    check(look("a.md", "a|b\n-|-\n" * (piece == "|\n") + piece * (64 * 1024 // len(piece))).html)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("javascript:x")', "<script>"]
)
def test_formulas_stay_text(look, cell) -> None:
    shown = look("a.csv", '"' + cell.replace('"', '""') + '",b\n')
    assert shown.rows == [[cell, "b"]]
    assert shown.html is None


@pytest.mark.parametrize(
    "content", [b'"' * 1_000_000, b'"a' * 500_000, b",\n" * 500_000, b"\r" * 900_000, b'"\n' * 400_000, b"a,b\n\0,1\n"]
)
def test_tables_made_to_take_long_or_to_fail(look, content) -> None:
    started = time.monotonic()
    shown = look("a.csv", content)
    assert shown.kind in ("csv", "text", "none")
    assert time.monotonic() - started < 30

"""What a file looks like without being opened."""

from __future__ import annotations

import base64
import codecs
import json

import pytest

from files import previews
from files.faults import IsFolder
from files.lookup import NotThere
from files.previews import Preview

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


@pytest.fixture
def look(home, home_fd):
    """look("a.txt", b"...") is the preview of such a file."""

    def look(name: str, content: bytes | str) -> Preview:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return previews.preview(home_fd, tuple(part.encode() for part in name.split("/")), "student")

    return look


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"print('caf\xc3\xa9')\n", "print('café')\n"),
        (codecs.BOM_UTF8 + b"marked", "marked"),
        ("sixteen é".encode("utf-16"), "sixteen é"),
        ("thirty-two".encode("utf-32"), "thirty-two"),
        (b"caf\xe9 \x80", "café €"),
        (b"a\r\nb", "a\r\nb"),
    ],
)
def test_text_in_any_encoding(look, content, text) -> None:
    shown = look("a.py", content)
    assert (shown.kind, shown.text, shown.truncated) == ("text", text, False)


def test_the_beginning_of_a_long_text(look) -> None:
    shown = look("a.txt", "é" * previews.TEXT_MAX_BYTES)
    assert shown.text == "é" * (previews.TEXT_MAX_BYTES // 2)
    assert shown.truncated
    assert "Only the beginning" in shown.sentence
    assert look("b.txt", "x" + "é" * previews.TEXT_MAX_BYTES).text[-1] == "é"


def test_an_empty_file_says_so(look) -> None:
    assert look("a.txt", b"").sentence == "This file is empty."


@pytest.mark.parametrize("content", [b"a\0b", b"\x01\x02\xff", bytes(range(256))])
def test_what_is_no_text(look, content) -> None:
    assert look("data", content).kind == "none"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a b.png", PNG, "image"),
        ("a b.svg", b"<svg/>", "image"),
        ("a b.mp3", b"x", "audio"),
        ("a b.mp4", b"x", "video"),
        ("a b.pdf", b"%PDF-1.7", "pdf"),
    ],
)
def test_what_the_browser_shows_by_itself(look, name, content, kind) -> None:
    shown = look(f"f/{name}", content)
    assert shown.kind == kind
    assert shown.url == f"/api/files/content?path=f/a%2520b.{name[-3:]}&owner=student"


def test_a_pdf_by_name_alone_is_none(look) -> None:
    assert look("a.pdf", b"<script>").kind == "text"


def test_what_is_not_there_and_what_is_no_file(home, home_fd) -> None:
    (home / "f").mkdir()
    with pytest.raises(NotThere):
        previews.preview(home_fd, (b"missing",), "student")
    with pytest.raises(IsFolder):
        previews.preview(home_fd, (b"f",), "student")


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", "a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a.csv", "a;b\r\n1,5;2\r\n", [["a", "b"], ["1,5", "2"]]),
        ("a.tsv", "a b\tc\n", [["a b", "c"]]),
        ("a.csv", '"a,\nb",c\n', [["a,\nb", "c"]]),
        ("a.CSV", "alone\n", [["alone"]]),
    ],
)
def test_tables(look, name, content, rows) -> None:
    shown = look(name, content)
    assert (shown.kind, shown.rows, shown.truncated) == ("csv", rows, False)


def test_large_tables_are_cut(look) -> None:
    tall = look("a.csv", "1,2\n" * 5000)
    assert (len(tall.rows), tall.truncated) == (1000, True)
    wide = look("a.csv", "1," * 500 + "\n")
    assert (len(wide.rows[0]), wide.truncated) == (100, True)
    deep = look("a.csv", "x" * 5000 + ",1\n")
    assert (len(deep.rows[0][0]), deep.truncated) == (1000, True)


def test_the_last_line_of_a_cut_table_is_whole(look) -> None:
    line = "x" * 999 + "," + "y" * 1000 + "\n"
    shown = look("a.csv", line * 800)
    assert shown.truncated
    assert {len(row[1]) for row in shown.rows} == {1000}


# --- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown(look) -> None:
    html = look(
        "a.md", "# Title\n\nSome *text*, a [link](https://example.edu/) and `code`.\n\n|a|b|\n|-|-|\n|1|2|\n"
    ).html
    assert "<h1>Title</h1>" in html
    assert "<em>text</em>" in html
    assert 'href="https://example.edu/"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "<td>1</td>" in html


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("plot.png", "f/g/plot.png"),
        ("./plot.png", "f/g/plot.png"),
        ("../a%20b.png", "f/a%2520b.png"),
        ("h/%FF.png", "f/g/h/%25FF.png"),
    ],
)
def test_pictures_beside_the_text(look, reference, path) -> None:
    assert f'src="/api/files/content?path={path}&amp;owner=student"' in look("f/g/a.md", f"![]({reference})").html


@pytest.mark.parametrize(
    "reference",
    ["http://example.org/x.png", "//example.org/x.png", "/api/consoles", "../../../x.png",
     "data:image/svg+xml,x", "%2e%2e/%2e%2e/%2e%2e/x"],
)  # fmt: skip
def test_no_other_pictures(look, reference) -> None:
    html = look("f/g/a.md", f"![alt]({reference})").html
    assert 'src="/api/files/content' not in html
    assert "src=" not in html or 'src=""' in html


def test_long_markdown_is_cut(look) -> None:
    assert look("a.md", "word " * 50_000).truncated


# --- notebooks -------------------------------------------------------------------------------------------------------


def notebook(*cells: dict) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def code(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "execution_count": 3, "metadata": {}, "source": source, "outputs": list(outputs)}


def test_a_notebook(look) -> None:
    picture = base64.b64encode(PNG).decode()
    html = look(
        "a.ipynb",
        notebook(
            {"cell_type": "markdown", "source": ["# Ti", "tle"]},
            code("a < b", {"output_type": "stream", "name": "stdout", "text": ["1 <", " 2\n"]}),
            code("plot()", {"output_type": "display_data", "data": {"image/png": picture, "text/plain": "<Figure>"}}),
            code("df", {"output_type": "execute_result", "data": {"text/html": "<table><tr><td>1</table>"}}),
            code("1/0", {"output_type": "error", "traceback": ["\x1b[0;31mZero\x1b[0m", "Division"]}),
            {"cell_type": "raw", "source": "raw <text>"},
        ),
    ).html
    for piece in (
        "<h1>Title</h1>",
        '<span class="count">[3]</span><pre class="source"><code>a &lt; b</code></pre>',
        '<pre class="text">1 &lt; 2\n</pre>',
        f'<img alt="Output" src="data:image/png;base64,{picture}">',
        "<td>1</td>",
        '<pre class="error">Zero\nDivision</pre>',
        "<pre>raw &lt;text&gt;</pre>",
    ):
        assert piece in html
    assert html.count("<section") == html.count("</section>") == 6


def test_a_notebook_with_too_much_in_it_is_cut(look) -> None:
    long = look("a.ipynb", notebook(*[code("x")] * 600))
    assert (long.html.count("<section"), long.truncated) == (500, True)
    outputs = look("a.ipynb", notebook(code("x", *[{"output_type": "stream", "text": "x" * 70_000}] * 105)))
    assert outputs.truncated
    large = look("a.ipynb", notebook(*[code("x" * 60_000)] * 130))
    assert not large.truncated


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 5}', '{"worksheets": []}', "NaN"])
def test_what_is_no_notebook_is_text(look, content) -> None:
    assert look("a.ipynb", content).kind == "text"


def test_a_notebook_that_is_too_large(look) -> None:
    shown = look("a.ipynb", notebook(code("x" * previews.NOTEBOOK_MAX_BYTES)))
    assert shown.kind == "none"
    assert "too large" in shown.sentence

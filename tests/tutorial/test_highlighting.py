"""Colours change nothing of what is read, whatever the text is."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutorial.highlighting import python_html


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> str:
    reader = Text()
    reader.feed(html)
    reader.close()
    return reader.text


@given(st.text(alphabet=st.sampled_from("ab1 \n'\"#\\@<>&.()=frdef_é"), max_size=60))
def test_the_text_is_the_same(text: str) -> None:
    assert read(python_html(text)) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("def f(): pass", '<span class="code-keyword">def</span> <span class="code-name">f</span>(): '
         '<span class="code-keyword">pass</span>'),
        ("x = None", 'x = <span class="code-number">None</span>'),
        ("'a#b' # c", '<span class="code-string">&#x27;a#b&#x27;</span> <span class="code-comment"># c</span>'),
        ("0xff + a1", '<span class="code-number">0xff</span> + a1'),
        ('"""a\nb"""', '<span class="code-string">&quot;&quot;&quot;a\nb&quot;&quot;&quot;</span>'),
        ("a @ b", "a @ b"),
    ],
)  # fmt: skip
def test_colours(text: str, html: str) -> None:
    assert python_html(text) == html


@pytest.mark.parametrize(
    "text", ["'" * 60_000, '"""' * 20_000, "'\\" * 30_000, "1" * 60_000, "def " * 15_000, "@" * 60_000]
)
def test_it_takes_little_time(text: str) -> None:
    begun = time.thread_time()
    python_html(text)
    assert time.thread_time() - begun < 1

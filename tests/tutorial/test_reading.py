"""Markdown as a page: golden pairs in pages/, and everything a lecturer can get wrong, with its line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tutorial.page import Page
from tutorial.reading import BOXES_MAX, PAGE_MAX_BYTES, read_page
from tutorial.references import Addresses

PAGES = sorted((Path(__file__).parent / "pages").glob("*.md"))
ADDRESSES = Addresses("loops")


def as_golden(page: Page) -> dict[str, Any]:
    blocks = [{"block": type(block).__name__, **asdict(block)} for block in page.blocks]
    dates = {name: str(value) for name, value in asdict(page.dates).items() if value}
    links = [f"{link.line}: {link.kind} {link.target}" for link in page.links]
    return {"title": page.title, "dates": dates, "links": links, "blocks": blocks}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path: Path) -> None:
    page, faults = read_page("01-page", path.read_bytes().decode(), ADDRESSES)
    assert as_golden(page) == json.loads(path.with_suffix(".json").read_text())
    assert not faults


def faults_of(text: str, name: str = "page") -> list[tuple[int, str]]:
    return [(fault.line, fault.reason) for fault in read_page(name, text, ADDRESSES)[1]]


BOX = "# T\n\n```python run name=a\n1\n```\n\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "begins with its title"),
        ("Text\n\n# Late", 1, "begins with its title"),
        ("## Two", 1, "begins with its title"),
        ("---\nopen: 2027-01-01\n---\n# T", 2, "Did you mean opens?"),
        ("---\nopens: soon\n---\n# T", 2, "soon is not a date"),
        ("---\nopens: 2027-02-31\n---\n# T", 2, "not a date"),
        ("---\nhidden: maybe\n---\n# T", 2, "yes or no"),
        ("---\nopens: 2027-02-02\ncloses: 2027-02-01\n---\n# T", 1, "closes before it opens"),
        ("---\nopens: 2027-02-02\n# T", 1, "no second ---"),
        ("# T\n\n```python rum\n1\n```", 3, "Did you mean run?"),
        ("# T\n\n```python run nme=a\n1\n```", 3, "Did you mean name?"),
        ("# T\n\n```python run name=A\n1\n```", 3, "name is a name of at most 40"),
        ("# T\n\n```python run name=../x\n1\n```", 3, "name is a name of at most 40"),
        ("# T\n\n```python run repl\n1\n```", 3, "one of these, not both"),
        ("# T\n\n```python run file=a.py\n1\n```", 3, "one of these, not both"),
        ("# T\n\n```python name=a\n1\n```", 3, "Did you forget run?"),
        ("# T\n\n```python file=../../x.py\n1\n```", 3, "cannot be the path"),
        ("# T\n\n```python file=a/.hidden.py\n1\n```", 3, "cannot be the path"),
        ("# T\n\n```python web=page.txt\n1\n```", 3, "ends in .py or .html"),
        ('# T\n\n```python run name="a\n1\n```', 3, "without its partner"),
        (BOX + "```python run name=a\n2\n```", 7, "The box in line 3 is called a already"),
        (BOX + "```python file=a.py\n2\n```", 7, "The box in line 3 has the file a.py already"),
        ("# T\n\n```python run setup=shop\n1\n```", 3, "no set-up code called shop"),
        ("# T\n\n```python setup=shop\n1\n```", 0, "No box uses the set-up code shop"),
        ("# T\n\n```python setup=s\n1 +\n```\n\n```python run setup=s\n```", 4, "is not Python"),
        ("# T\n\n```output\n1\n```", 3, "directly below the code"),
        (BOX + "Text between\n\n```output\n1\n```", 9, "directly below the code"),
        (BOX + "```output\n1\n```\n\n```output\n2\n```", 11, "has its output already"),
        (BOX + "```output\n1\n```\n\n```input\n2\n```", 11, "typed comes before the output"),
        ("# T\n\n```python web=a.py\n```\n\n```output\n1\n```", 6, "directly below the code"),
        ("# T\n\n```exercise\n```", 3, "An exercise has its name here"),
        ("# T\n\n```exercise ../x\n```", 3, "An exercise has its name here"),
        ("# T\n\n```exercise a\n```\n\n```exercise a\n```", 6, "is on this page already"),
        ("# T\n\n- x\n\n  ```python run\n  1\n  ```", 5, "not in a list or a quotation"),
        ("# T\n\n[x](/etc/passwd)", 3, "leads nowhere from here"),
        ("# T\n\nText\n[x](//evil.example/)", 4, "leads nowhere from here"),
        ("# T\n\n[x](../other/a.md)", 3, "leads out of the course’s folder"),
        ("# T\n\n[x](%2e%2e/a.md)", 3, "leads out of the course’s folder"),
        ("# T\n\n![x](https://example.org/cat.png)", 3, "is elsewhere"),
        ("# T\n\nA\nB ![](cat.png)", 4, "no words for whoever cannot see it"),
        ("# T\n\n[x](#nowhere)", 3, "no heading on this page"),
        ("# T\n\nText <script>alert(1)</script>", 3, "<script> is not allowed"),
        ("# T\n\n<iframe src=x></iframe>", 3, "<iframe> is not allowed"),
        ("# T\n\n<img src=cat.png>", 3, "as Markdown"),
        ("# T\n\nA\n$\\frac{$", 4, "formula is not understood"),
        ("# T\n\n$\\frobnicate x$", 3, "There is no command \\frobnicate"),
        ("# T\n\n" + "```python run\n1\n```\n" * (BOXES_MAX + 1), 3 + 3 * BOXES_MAX, "at most 60 boxes"),
        ("# T\n\n" + "x" * PAGE_MAX_BYTES, 0, "at most 128 kB"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    found = faults_of(text)
    assert [one for one in found if one[0] == line and words in one[1]], found


def test_nothing_is_told_of_a_page_that_is_well() -> None:
    assert faults_of(BOX) == []


@pytest.mark.parametrize("name", ["Page", "a b", "-a", "a" * 65, "päge", "a.b", ""])
def test_no_page_can_be_called(name: str) -> None:
    assert any("file name is its address" in reason for _, reason in faults_of("# T", name))


def test_a_preview_leads_to_previews() -> None:
    page, _ = read_page("p", "# T\n\n[a](b.md) ![c](d.png)", Addresses("loops", is_preview=True))
    [prose] = page.blocks
    assert '"/courses/loops/preview/b/"' in prose.html
    assert '"/courses/loops/preview/files/d.png"' in prose.html

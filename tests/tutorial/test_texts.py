"""The texts of exercises: formulas and pictures as in tutorials, and what is wrong with them is told."""

from __future__ import annotations

import pytest

from tutorial.linting import lint
from tutorial.references import Addresses
from tutorial.texts import exercise_in, html_of

LOOPS = Addresses("loops")
TASK = "Add $x^2$.\n\n![A cat](pictures/cat.png) and [the page](01-a.md)"
REST = "\n\n## Solution\n\n```python\n1\n```\n\n## Hint\n\n{hint}\n\n## Test: one\n\n- must use: x\n"


def files(task: str, hint: str = "Look.", **more: bytes) -> dict[str, bytes]:
    text = f"# Sum\n\n{task}{REST.format(hint=hint)}"
    return {"01-a.md": b"# A\n", "exercises/sum.md": text.encode(), **more}


def test_formulas_pictures_and_links() -> None:
    html = html_of(TASK, LOOPS)
    assert "<math><semantics>" in html
    assert 'src="/courses/loops/files/pictures/cat.png"' in html
    assert 'href="/courses/loops/01-a/"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](https://elsewhere.example/spy.png)",
        "<style>*{display:none}</style>",
        "<form action=/logout><button>x</button></form>",
        "<svg><script>alert(1)</script></svg>",
        r"$\href{javascript:alert(1)}{x}$",
    ],
)
def test_nothing_in_them_acts(text: str) -> None:
    html = html_of(text, LOOPS)
    for forbidden in ("<script", "onerror", 'javascript:alert(1)"', "elsewhere", "<style", "<form", "<button", "<svg"):
        assert forbidden not in html


def faults(given: dict[str, bytes]) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.reason) for fault in lint(given, "loops")]


def test_a_picture_that_is_there() -> None:
    assert faults(files("![A cat](cat.png)", **{"cat.png": b""})) == []


@pytest.mark.parametrize(
    ("task", "hint", "line", "reason"),
    [
        ("One.\n\n![A cat](cat.png)", "Look.", 5, "There is no cat.png in the course’s folder."),
        ("One $\\nothing$.", "Look.", 3, "There is no command \\nothing in a formula."),
        ("One.", "See\n[that](02-b.md).", 14, "There is no 02-b.md in the course’s folder."),
        ("<blink>One</blink>", "Look.", 3, "<blink> is not allowed in a tutorial; it is left out."),
    ],
)
def test_what_is_wrong_and_where(task: str, hint: str, line: int, reason: str) -> None:
    assert faults(files(task, hint)) == [("exercises/sum.md", line, reason)]


def test_a_file_as_windows_saves_it() -> None:
    text = "\ufeff" + files("One.")["exercises/sum.md"].decode().replace("\n", "\r\n")
    assert exercise_in({"exercises/sum.md": text.encode()}, "sum").title == "Sum"
    assert faults({"01-a.md": b"# A\n", "exercises/sum.md": text.encode()}) == []

"""`python -m exercises`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from exercises.__main__ import main
from tests.sandbox.installation import Installation

GOOD = "# Two\n\n## Solution\n\n```python\nx = 2\n```\n\n## Test: two\n\n```calls\nx -> {}\n```\n"
XML = '<exercise name="T"><solution>print 5</solution><case name="five"><function/></case></exercise>'
Run = Callable[..., int]


@pytest.fixture
def run(installation: Installation) -> Run:
    def begin(*arguments: str | Path) -> int:
        return main(["--socket", str(installation.socket), *map(str, arguments)])

    return begin


def test_check(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, worse = (tmp_path / f"{name}.md" for name in ("good", "bad", "worse"))
    good.write_text(GOOD.format(2))
    bad.write_text(GOOD.format(3))
    worse.write_text(GOOD.format("x"))
    assert run("check", good) == 0
    assert capsys.readouterr().out == ""
    assert run("check", good, bad, worse) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{bad}:12: the solution fails the test 'x': It gave another value.",
        f"{worse}:12: a value is written as in Python, without names or calls: 42, 'text', [1, 2], {{'a': None}}",
    ]


def test_check_gives_what_lies_beside_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reads.md"
    file.write_text(GOOD.replace("x = 2", "x = int(open('data/two.txt').read())").format(2))
    assert run("check", file) == 1
    (tmp_path / "reads" / "data").mkdir(parents=True)
    (tmp_path / "reads" / "data" / "two.txt").write_text("2")
    assert run("check", file) == 0


def test_import(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xml = tmp_path / "five.xml"
    xml.write_text(XML)
    assert run("import", xml) == 0
    text = capsys.readouterr().out
    assert "```output\n5\n```" in text
    (tmp_path / "five.md").write_text(text)
    assert run("check", tmp_path / "five.md") == 0


def test_faults_that_are_not_the_exercises(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", tmp_path / "none.md") == 2
    assert run("import", tmp_path / "none.xml") == 2
    (tmp_path / "page.xml").write_text("<html/>")
    assert run("import", tmp_path / "page.xml") == 2
    (tmp_path / "good.md").write_text(GOOD.format(2))
    assert main(["--socket", "/nowhere/socket", "check", str(tmp_path / "good.md")]) == 2
    assert "no code can be run here" in capsys.readouterr().err


def test_other_encodings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An original says its own; ours are UTF-8. Nothing is run for that."""
    (tmp_path / "sum.xml").write_bytes(
        '<?xml version="1.0" encoding="ISO-8859-1"?><exercise name="Größe"/>'.encode("latin-1")
    )
    assert main(["import", str(tmp_path / "sum.xml"), "--without-running"]) == 0
    assert capsys.readouterr().out.startswith("# Größe\n")
    (tmp_path / "other.md").write_bytes("# Größe\n".encode("latin-1"))
    assert main(["--socket", "/nowhere/socket", "check", str(tmp_path / "other.md")]) == 1
    assert capsys.readouterr().out == f"{tmp_path / 'other.md'}:1: it is no text in UTF-8\n"

"""A text in the usual form."""

from __future__ import annotations

import pytest

from editor import format as formatting
from editor.format import NotPython, formatted
from editor.ruff import TooMuch


def test_it_is_in_the_usual_form(script) -> None:
    answer = script.post("/format", path="a.py", text="x   =  'a'\nif x : print( x )\n")
    assert (answer.status_code, answer.json()) == (200, {"text": 'x = "a"\nif x:\n    print(x)\n'})


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lines_end_as_they_did(line_end: str) -> None:
    assert formatted(f"x=1{line_end}y=2{line_end}") == f"x = 1{line_end}y = 2{line_end}"


def test_other_peoples_scripts() -> None:
    assert formatted("x='\u00e4\U0001f600'\n") == 'x = "\u00e4\U0001f600"\n'


def test_a_mistake_is_named_by_its_line(script) -> None:
    answer = script.post("/format", path="a.py", text="x = 1\ny = (\n")
    assert answer.status_code == 400
    assert "line 3" in answer.json()["detail"]
    assert "program.py" not in answer.json()["detail"]


def test_a_complaint_of_another_kind() -> None:
    assert "not Python" in formatting.sentence("error: something else")


def test_a_file_that_is_not_python(script) -> None:
    answer = script.post("/format", path="a.html", text="<p>")
    assert (answer.status_code, "Python" in answer.json()["detail"]) == (400, True)


def test_more_than_it_may_answer(monkeypatch) -> None:
    """Half a text is none."""
    monkeypatch.setattr("editor.ruff.ANSWER_MAX_BYTES", 100)
    monkeypatch.setattr("editor.format.ANSWER_MAX_BYTES", 100)
    with pytest.raises(TooMuch):
        formatted("x = 1\n" * 1000)


def test_a_lone_surrogate_is_not_formatted_away() -> None:
    with pytest.raises(NotPython):
        formatted("x = (\ud800\n")

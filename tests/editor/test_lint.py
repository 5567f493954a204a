"""What is wrong with a text."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from editor.lint import PROBLEMS_MAX, Place, lint
from tests.editor.conftest import Script


def codes(text: str) -> list[str]:
    return [problem.code for problem in lint(text).shown]


def test_a_text_without_problems(script) -> None:
    assert script.lint("print('hello')\n") == {"problems": [], "more": 0}
    assert script.lint("") == {"problems": [], "more": 0}


def test_a_problem_with_a_fix(script) -> None:
    [problem] = script.lint("x = 1\nif x == None:\n    pass\n")["problems"]
    assert problem == {
        "line": 2,
        "column": 9,
        "end_line": 2,
        "end_column": 13,
        "code": "E711",
        "message": problem["message"],
        "severity": "warning",
        "fix": {
            "label": problem["fix"]["label"],
            "edits": [
                {"from": {"line": 2, "column": 4}, "to": {"line": 2, "column": 13}, "text": "x is None"},
            ],
        },
    }
    assert "None" in problem["message"]
    assert "is" in problem["fix"]["label"]


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("print(x)\n", "F821", "error"),
        ("def f(:\n", "invalid-syntax", "error"),
        ("return 1\n", "F706", "error"),
        ("import os\n", "F401", "warning"),
        ("x = 1\nx == 2\n", "B015", "warning"),
        ("def f(x=[]):\n    return x\n", "B006", "warning"),
        ("x = '\\d'\n", "W605", "warning"),
    ],
)
def test_what_it_knows(text: str, code: str, severity: str) -> None:
    problem = lint(text).shown[0]
    assert (problem.code, problem.severity) == (code, severity)


@pytest.mark.parametrize("text", ["x='a'; l = 2\n", "import sys, os  \n\n\nprint( sys,os )", "f = lambda a: a\n"])
def test_taste_is_no_problem(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_columns_are_whole_characters(line_end: str) -> None:
    """One beyond the first 65,536 too. Lines end where they do for browsers."""
    [problem] = lint(f"a = 1{line_end}x = '\U0001f600\U0001f600'; y = z{line_end}").shown
    assert (problem.code, problem.begin, problem.end) == ("F821", Place(2, 15), Place(2, 16))


def test_a_form_feed_or_a_line_separator_ends_no_line() -> None:
    [problem] = lint("a = '\x0c\u2028\x85'\nprint(b)\n").shown
    assert problem.begin == Place(2, 7)


def test_the_list_is_capped() -> None:
    found = lint("print(x)\n" * 1000)
    assert len(found.shown) == PROBLEMS_MAX
    assert found.more == 1000 - PROBLEMS_MAX


def test_what_is_not_python_has_no_problems(script) -> None:
    assert script.lint("def f(:", path="notes.txt") == {"problems": [], "more": 0}


@pytest.mark.parametrize("path", ["", "a/", "../a.py", "a/../b.py", "/a.py", "a%2Fb.py", "%00.py"])
def test_a_path_that_no_file_can_have(script, path: str) -> None:
    assert script.post("/lint", path=path, text="").status_code == 404


def test_whoever_is_nobody(db) -> None:
    answer = Client().post("/api/editor/lint", json.dumps({"path": "a.py", "text": ""}), content_type="text/json")
    assert answer.status_code == 401


def test_a_page_of_another_site(student) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(student, backend="django.contrib.auth.backends.ModelBackend")
    content = json.dumps({"path": "a.py", "text": ""})
    assert client.post("/api/editor/lint", content, content_type="application/json").status_code == 403


def test_it_is_for_the_students_python(settings, tmp_path) -> None:
    """Where there is none, for Ruff's own idea of one."""
    from editor.ruff import target_version

    target_version.cache_clear()
    assert target_version()[0].startswith("--target-version=py3")
    settings.IVLE_RUNTIME = tmp_path
    target_version.cache_clear()
    assert target_version() == ()
    target_version.cache_clear()


def test_everybody_alike(script, classmate) -> None:
    assert Script(classmate).lint("print(x)\n") == script.lint("print(x)\n")

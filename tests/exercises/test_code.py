"""What a program uses, by its syntax."""

from __future__ import annotations

import ast

import pytest

from guest.syntax import lines_of
from tests.exercises.conftest import Mark, result_of

USES = {
    "for": "for x in y: pass",
    "while": "while x: pass",
    "loop": "while x: pass",
    "if": "x = 1 if y else 2",
    "else": "if x: pass\nelse: pass",
    "def": "def f(): pass",
    "class": "class A: pass",
    "lambda": "f = lambda: 1",
    "try": "try: pass\nexcept E: pass",
    "with": "with x: pass",
    "yield": "def f(): yield 1",
    "import": "from a import b",
    "import math": "import os, math",
    "import os.path": "from os.path import join",
    "import os": "import os.path as p",
    "import re": "re = __import__('re')",
    "sum()": "total = sum(x)",
    "max()": "f = max",
    "math.sqrt()": "import math\nmath.sqrt(2)",
    "math.sin()": "from math import sin",
    ".sort()": "x.sort()",
    "recursion": "def f(n): return f(n - 1)",
    "list comprehension": "x = [a for a in b]",
    "comprehension": "x = {a for a in b}",
    "f-string": "x = f'{y}'",
    "slice": "x = y[1:]",
    "//": "x = y // 2",
    "**": "x **= 2",
    "in": "x = y in z",
    "not": "x = not y",
    "and": "x = y and z",
    "total": "total = 3",
    "Account": "class Account: pass",
    "amount": "def f(amount): pass",
}


@pytest.mark.parametrize(("name", "code"), USES.items())
def test_finds(name: str, code: str) -> None:
    assert lines_of(ast.parse(code), name)


UNUSED = {
    "for": "x = 'for'  # for",
    "sum()": "summe = 1",
    "import math": "import mathematics",
    "while": "for x in y: pass",
    "recursion": "def f(): return g()\ndef g(): pass",
    "else": "if x: pass",
    ".sort()": "sorted(x)",
    "in": "for x in y: pass",
    "max()": "max = 3",
}


@pytest.mark.parametrize(("name", "code"), UNUSED.items())
def test_does_not_find(name: str, code: str) -> None:
    assert lines_of(ast.parse(code), name) == []


RULES = "## Test: rules\n\n- must use: for\n- must not use: sum(), import math\n"


async def test_a_program_that_keeps_to_the_rules(marked: Mark) -> None:
    assert (await marked(RULES, "for x in y:\n    pass  # sum()")).passed


@pytest.mark.parametrize(
    ("code", "sentence", "where"),
    [
        ("x = 1", "Your program does not use `for`.", ""),
        ("for x in y:\n    print(sum(x))", "Your program uses `sum()`.", "main.py, line 2"),
        ("import math\nfor x in y: pass", "Your program uses `import math`.", "main.py, line 1"),
        (
            "for x in y: eval('su' + 'm')(x)",
            "Your program uses `eval()`, which could hide anything.",
            "main.py, line 1",
        ),
        ("for x in", "Your file is no Python: invalid syntax (<unknown>, line 1).", ""),
    ],
)
async def test_says_which_rule_is_broken(marked: Mark, code: str, sentence: str, where: str) -> None:
    result = await result_of(marked, RULES, code)
    assert result.feedback is not None
    assert (result.feedback.sentence, result.feedback.actual) == (sentence, where)


async def test_other_files_keep_to_them_too(marked: Mark) -> None:
    report = await marked(RULES, "import mine\nfor x in y: pass", **{"mine.py": "add = sum"})
    assert not report.passed


async def test_files_of_the_exercise_need_not(marked: Mark) -> None:
    text = f"## Files\n\n```file tools.py\nimport math\n```\n\n{RULES}"
    assert (await marked(text, "import tools\nfor x in y: pass")).passed

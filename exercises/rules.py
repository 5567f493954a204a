"""What `must use` and `must not use` may name: guest/syntax.py looks for it. Used by proving.py, and not where
an exercise is read: one that is published already goes on with its rules as they are."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator

from exercises.exercise import CodeTask, Exercise
from exercises.faults import Fault

OPERATORS = frozenset(["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"])
KNOWN = frozenset(
    [
        *(*keyword.kwlist, "case", "match", "loop", "recursion", "slice", "f-string", "comprehension"),
        *("list comprehension", "set comprehension", "dict comprehension", "generator expression"),
        *("getattr() of a computed name", "import of a file that was not handed in"),
        *(*OPERATORS, *(f"{operator}=" for operator in OPERATORS)),
        *("~", ":=", "==", "!=", "<", "<=", ">", ">=", "is not", "not in"),
    ]
) - {"as"}
DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
NAMED = re.compile(rf"import {DOTTED}|\.?{DOTTED}(?:\(\))?")
METHODS = {name for kind in (bytes, dict, list, set, str) for name in dir(kind)} - set(dir(builtins))


def faults(exercise: Exercise) -> Iterator[Fault]:
    """Of names that no program could ever use."""
    given = (content.decode(errors="replace") for content in exercise.given.values())
    code = "\n".join([*exercise.files.values(), *exercise.solution.values(), *given])
    for test in exercise.tests:
        if isinstance(test.task, CodeTask):
            for name in (*test.task.must_use, *test.task.must_not_use):
                try:
                    check(name, code)
                except ValueError as error:
                    yield Fault(test.line, str(error))


def check(name: str, code: str = "") -> None:
    """Raises ValueError for what no program could ever use. `code`: of the exercise, with names of its own."""
    if name in KNOWN:
        return
    meant = name.lower() if name.lower() in KNOWN else ""
    if name.endswith("()") and name[:-2] in METHODS:
        meant = f".{name}"
    if meant and not is_its_own(name, code):
        raise ValueError(f"{name!r} is nothing that a program can use; do you mean `{meant}`?")
    words = name.removeprefix("import ").removesuffix("()").split(".")
    if not NAMED.fullmatch(name) or any(keyword.iskeyword(word) for word in words):
        known = "`for`, `+=`, `import math`, `sum()`, `.sort()`, `math.sqrt()`, `total`"
        raise ValueError(f"{name!r} is nothing that a program can use; there are words and operators, {known} and more")


def is_its_own(name: str, code: str) -> bool:
    """A function `add`, where sets have an `.add()`; a class `Match`."""
    pattern = rf"(?<![.\w]){name[:-2]}\b" if name.endswith("()") else rf"\bclass\s+{re.escape(name)}\b"
    return re.search(pattern, code) is not None

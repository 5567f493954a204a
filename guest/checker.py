"""Looks at what came of an attempt, in a jail where no student code runs. The entry "checker" of a job.

Patterns, texts of programs and pages are read in here because a student's text may be made to keep such a reader busy;
a lecturer's own checker runs in here because it is code. What it is given of students is data.
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guest import page, syntax
from guest.channel import Channel
from guest.origins import Program

SENTENCE_MAX_CHARACTERS = 1_000
CHECKER = "<checker>"
Work = dict[str, Any]


def run(argv: list[str]) -> int:
    """`argv[0]` is what to look at."""
    channel = Channel()
    work = channel.hear()
    if work is not None:
        channel.tell(KINDS[argv[0]](work))
    return 0


def rehearse() -> None:
    """Spares rehearse a script."""


def match_patterns(work: Work) -> Work:
    flags = re.IGNORECASE if work["ignores_case"] else 0
    return {"same": [re.fullmatch(pattern, text, flags) is not None for pattern, text in work["pairs"]]}


def look_at_code(work: Work) -> Work:
    try:
        trees = {file: ast.parse(source, file) for file, source in work["sources"].items()}
    except (SyntaxError, ValueError) as error:
        return {"unreadable": str(error)[:SENTENCE_MAX_CHARACTERS]}
    program = Program(trees, frozenset(work["ours"]))
    return {"places": {name: syntax.places_of(program, name) for name in work["names"]}}


def look_at_pages(work: Work) -> Work:
    try:
        return {"pages": [page.facts(one["html"], one["selectors"]) for one in work["pages"]]}
    except ImportError as error:
        return {"missing": str(error)}


@dataclass(frozen=True)
class Thing:
    """A value that is none of Python's own."""

    type: str
    repr: str


def check(work: Work) -> Work:
    """The verdict of a lecturer's function: True, or a sentence that says what is wrong."""
    ran = types.SimpleNamespace(**work["ran"])
    namespace: dict[str, Any] = {"__name__": "checker"}
    try:
        if work["value"] is not None:
            ran.value = as_object(work["value"])
        exec(compile(work["source"], CHECKER, "exec"), namespace)
        verdict = namespace["check"](ran)
    except AssertionError as error:
        verdict = str(error) or "The checker does not accept it."
    except Exception as error:
        return {"broken": f"{type(error).__name__}: {error}"[:SENTENCE_MAX_CHARACTERS]}
    if verdict is True:
        return {"passed": True}
    if isinstance(verdict, str):
        return {"passed": False, "sentence": verdict[:SENTENCE_MAX_CHARACTERS]}
    if verdict is False:
        return {"passed": False, "sentence": ""}
    return {"broken": f"it gave {verdict!r}, and not True, False or a sentence"[:SENTENCE_MAX_CHARACTERS]}


def as_object(tree: list[Any]) -> Any:
    """A value that value.py has told, as an object again."""
    kind, *rest = tree
    match kind:
        case "none":
            return None
        case "list" | "tuple" | "set":
            return {"list": list, "tuple": tuple, "set": set}[kind](as_object(item) for item in rest[0])
        case "dict":
            return {as_object(key): as_object(item) for key, item in rest[0]}
        case "other":
            return Thing(*rest)
    return SCALARS[kind](rest[0])


SCALARS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "int": lambda digits: int(digits, 16),
    "float": float,
    "complex": complex,
    "str": str,
    "bytes": bytes.fromhex,
}
KINDS: dict[str, Callable[[Work], Work]] = {
    "patterns": match_patterns,
    "code": look_at_code,
    "pages": look_at_pages,
    "check": check,
}

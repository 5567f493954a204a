"""`name?` at the prompt says what a name is, `name??` shows how it is written. Used by repl.py; IPython has its own."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

PATTERN = re.compile(r"\s*(?:(\?\??)\s*([\w.]*)|([\w.]+)\s*(\?\??))\s*")
VALUE_MAX_CHARACTERS = 300
HELP = """\
name?      what it is, how to call it, what it says about itself     ??name or name?? shows how it is written
help(name) the same at length, in a pager                            help() asks for names
TAB        completes a name; the up arrow brings back what you typed
Ctrl-C     stops what is running        Ctrl-D leaves
"""


@dataclass(frozen=True)
class Question:
    name: str
    wants_source: bool


def parse(line: str) -> Question | None:
    """No Python program has a line like these."""
    found = PATTERN.fullmatch(line)
    if found is None:
        return None
    before, after_mark, before_mark, after = found.groups()
    return Question(after_mark or before_mark or "", (before or after) == "??")


def answer(question: Question, namespace: dict[str, Any]) -> str:
    """Raises what the student's own methods raise."""
    if not question.name:
        return HELP
    try:
        # The name has letters, digits and dots only: nothing is called but properties.
        value = eval(question.name, namespace)  # noqa: S307
    except (NameError, AttributeError, SyntaxError):
        return f"There is nothing called {question.name!r} here.\n"
    return "".join(f"{line}\n" for line in describe(question, value))


def describe(question: Question, value: object) -> list[str]:
    lines = [f"{question.name}{signature_of(value)}"] if callable(value) else [shortened(repr(value))]
    lines.append(f"  {type(value).__name__}{where(value)}")
    if question.wants_source and (source := source_of(value)):
        return [*lines, "", source.rstrip()]
    documentation = inspect.getdoc(value)
    if documentation:
        lines += ["", documentation.rstrip()]
    return lines


def signature_of(value: Any) -> str:
    try:
        return str(inspect.signature(value))
    except (ValueError, TypeError):  # it is written in C and does not say
        return "(...)"


def where(value: Any) -> str:
    try:
        file = inspect.getsourcefile(value)
    except TypeError:
        return ""
    return f" in {file}" if file else ""


def source_of(value: Any) -> str:
    for candidate in (value, type(value)):
        try:
            return inspect.getsource(candidate)
        except (OSError, TypeError):
            continue
    return ""


def shortened(text: str) -> str:
    return text if len(text) <= VALUE_MAX_CHARACTERS else f"{text[:VALUE_MAX_CHARACTERS]} ..."

"""What is wrong with a Python text, as Ruff sees it. Called by api.py."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import Any, Final

from editor.ruff import TooMuch, ask_ruff, target_version

PROBLEMS_MAX: Final = 200
FIX_MAX_CHARACTERS: Final = 10_000  # in one fix; a larger one is nobody's to overlook
# Mistakes, and what is probably one; no matters of taste. B006: a list as a default; B018: x == 1 where x = 1 is meant.
RULES: Final = "E711,E712,E713,E714,E721,E722,E9,F,W6,B006,B015,B018,PLE"
ERRORS: Final = re.compile(r"invalid-syntax|E9|F7|F82|PLE")  # how codes begin with which a program cannot run well
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Both count from 1; columns are whole characters, also where JavaScript has two units for one."""

    line: int
    column: int


@dataclass(frozen=True)
class Edit:
    begin: Place
    end: Place
    text: str


@dataclass(frozen=True)
class Fix:
    label: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Problem:
    begin: Place
    end: Place
    code: str
    message: str
    severity: str  # "error" or "warning"
    fix: Fix | None


@dataclass(frozen=True)
class Problems:
    """Those that are shown, in the order of the text, and how many more there are at least."""

    shown: tuple[Problem, ...]
    more: int


def lint(text: str) -> Problems:
    """Raises TooMuch."""
    answer = ask_ruff("check", ["--output-format=json-lines", f"--select={RULES}", *target_version()], text)
    if answer.status == 2:  # by no text that there is
        log.error("Ruff does not answer; it said %d bytes.", len(answer.complaint))
        raise TooMuch
    *lines, _ = answer.output.split(b"\n")  # each ends with one; what follows the last was cut off
    shown = tuple(read_problem(json.loads(line)) for line in lines[:PROBLEMS_MAX])
    return Problems(shown, len(lines) - len(shown))


def read_problem(said: dict[str, Any]) -> Problem:
    code = said["code"] or "invalid-syntax"
    return Problem(
        begin=read_place(said["location"]),
        end=read_place(said["end_location"]),
        code=code,
        message=said["message"],
        severity="error" if ERRORS.match(code) else "warning",
        fix=read_fix(said["fix"]),
    )


def read_fix(said: dict[str, Any] | None) -> Fix | None:
    """One that only shows what might be done is none."""
    if said is None or said["applicability"] == "display":
        return None
    edits = tuple(
        Edit(read_place(edit["location"]), read_place(edit["end_location"]), edit["content"]) for edit in said["edits"]
    )
    if sum(len(edit.text) for edit in edits) > FIX_MAX_CHARACTERS:
        return None
    return Fix(said["message"] or "", edits)


def read_place(said: dict[str, int]) -> Place:
    return Place(said["row"], said["column"])

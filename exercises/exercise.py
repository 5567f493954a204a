"""What an exercise is: read from a text by reading.py, marked by marking.py, shown by pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FILE_NAME = re.compile(r"(?![. ])[\w. -]{1,100}(?<! )(?:/(?![. ])[\w. -]{1,100}(?<! )){0,4}")


class Counts(StrEnum):
    BEST = "best"
    LAST = "last"


@dataclass(frozen=True)
class Late:
    """What an attempt after the closing date is worth."""

    is_accepted: bool = True
    percent_a_day: float = 0.0  # taken off for each day that has begun
    days_max: int | None = None  # after so many it is not accepted


@dataclass(frozen=True)
class Policy:
    attempts_max: int | None = None
    counts: Counts = Counts.BEST
    penalty_percent: float = 0.0  # taken off for each attempt after the first
    late: Late = Late()


@dataclass(frozen=True)
class Hint:
    after_tries: int
    text: str  # Markdown


@dataclass(frozen=True)
class Comparison:
    """How far what came may be from what was expected. Without any of these: line by line, but for spaces at the ends
    of lines and blank lines at the end; numbers with a fraction to nine digits."""

    is_exact: bool = False
    ignores_space: bool = False
    ignores_case: bool = False
    ignores_order: bool = False  # of lines; of the items of a list
    within: float | None = None  # numbers may differ by so much
    is_pattern: bool = False  # what is expected is a regular expression for the whole


@dataclass(frozen=True)
class Bounds:
    """Of one test. None is the site's own limit for a page."""

    cpu_seconds: float | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True)
class ProgramTask:
    """The main file is run as a program. What is None is not looked at."""

    stdin: str = ""
    arguments: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)  # beside it, in this test only
    stdout: str | None = None
    stderr: str | None = None
    exit_status: int | None = 0
    written: Mapping[str, str] = field(default_factory=dict)  # files that must be there afterwards


@dataclass(frozen=True)
class CallTask:
    """The main file is imported, and some lines run that end in an expression: its value is looked at."""

    code: str
    stdin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    has_value: bool = False
    value: Any = None  # a Python literal
    exception: str | None = None  # its name
    message: str | None = None  # and what it says
    stdout: str | None = None


@dataclass(frozen=True)
class CodeTask:
    """The text of the main file is looked at; nothing runs."""

    must_use: tuple[str, ...] = ()
    must_not_use: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What a browser would send; cookies of the steps before come on their own."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    uploads: tuple[tuple[str, str], ...] = ()  # a field of the form, and the file beside the program that it sends
    body: str = ""  # where there is no form


@dataclass(frozen=True)
class Element:
    """What must be on a page: at least one such element, or so many, or one with this text."""

    selector: str  # CSS
    count: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Response:
    """What must come back. What is not here is not looked at, but for the status."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str | None], ...] = ()  # that it sets
    texts: tuple[str, ...] = ()  # somewhere on the page
    absent_texts: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()
    body: str | None = None  # the whole


@dataclass(frozen=True)
class Step:
    request: Request
    response: Response
    line: int = 0


@dataclass(frozen=True)
class WebTask:
    """The program is run as a web page, once for each step, in one place: what it writes down stays for the next."""

    steps: tuple[Step, ...]
    files: Mapping[str, str] = field(default_factory=dict)


Task = ProgramTask | CallTask | CodeTask | WebTask


@dataclass(frozen=True)
class Test:
    __test__ = False  # to pytest

    title: str
    task: Task
    hidden: bool = False
    points: float = 1.0
    comparison: Comparison = Comparison()
    checker: str | None = None  # a program with a function `check`, which decides instead of a comparison
    limits: Bounds = Bounds()
    line: int = 0  # of the text it was read from


@dataclass(frozen=True)
class Exercise:
    name: str
    title: str
    text: str  # Markdown
    files: Mapping[str, str]  # what students begin with; the first is the one that is run
    solution: Mapping[str, str]
    given: Mapping[str, bytes]  # files beside theirs that they do not change
    tests: tuple[Test, ...]
    hints: tuple[Hint, ...] = ()
    policy: Policy = Policy()

    @property
    def main(self) -> str:
        return next(iter(self.files))

    @property
    def points(self) -> float:
        return sum(test.points for test in self.tests)


def is_file_name(name: str) -> bool:
    """True for what lies beside a submission, or in a folder there; nothing hidden, nothing above."""
    return FILE_NAME.fullmatch(name) is not None

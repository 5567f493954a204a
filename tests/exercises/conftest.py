"""A supervisor for all tests of exercises, and the way to mark on it."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable, Iterator

import pytest

from exercises.exercise import Exercise
from exercises.marking import mark
from exercises.reading import read
from exercises.report import Report, TestResult
from sandbox.limits import CGI, Limits
from tests.sandbox.installation import BEST, CannotIsolate, Installation

HEAD = "# An exercise\n\nDo it.\n\n"
Mark = Callable[..., Awaitable[Report]]


@pytest.fixture(autouse=True)
def site_settings() -> None:
    """There is no site in here."""


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    try:
        installation = Installation(BEST)
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield installation
    installation.end()


@pytest.fixture
def marked(installation: Installation) -> Mark:
    """marked(text of an exercise, what was handed in): its report, hidden tests included."""

    async def begin(text: str, code: str, *, hidden: bool = True, limits: Limits = CGI, **files: str) -> Report:
        exercise = exercise_of(text)
        submission = {exercise.main: textwrap.dedent(code), **files}
        return await mark(exercise, submission, str(installation.socket), hidden=hidden, limits=limits)

    return begin


def exercise_of(text: str, given: dict[str, bytes] | None = None) -> Exercise:
    text = textwrap.dedent(text)
    if not text.lstrip().startswith(("#", "---")) or "\n## Solution" not in text:
        text = f"{HEAD}## Solution\n\n```python\npass\n```\n\n{text}"
    return read("try", text, given)


async def result_of(marked: Mark, text: str, code: str, limits: Limits = CGI) -> TestResult:
    report = await marked(text, code, limits=limits)
    [result] = report.results
    return result

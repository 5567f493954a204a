"""Every trick earns all marks from a grader as most are, and none from this one."""

from __future__ import annotations

from typing import Any

import pytest

from exercises import jails
from exercises.exercise import CallTask
from exercises.jails import Place
from sandbox.limits import CGI
from tests.exercises.cheating.tricks import TRICKS, code_of
from tests.exercises.conftest import Mark, exercise_of
from tests.sandbox.installation import Installation

EXPECTED: dict[str, Any] = {"one": 48213, "two": "zebra"}
TESTS = "".join(
    f"## Test: {title}\n\n```call\nanswer({number})\n```\n```value\n{value!r}\n```\n\n"
    for number, (title, value) in enumerate(EXPECTED.items(), 1)
)


def test_there_are_enough() -> None:
    assert len(TRICKS) >= 25


@pytest.mark.parametrize("trick", TRICKS)
async def test_trick_fails(marked: Mark, trick: str) -> None:
    report = await marked(TESTS, code_of(trick))
    assert [result.passed for result in report.results] == [False, False], report
    assert report.points == 0


@pytest.mark.parametrize("trick", TRICKS)
async def test_trick_works_where_there_is_no_defence(naive_installation: Installation, trick: str) -> None:
    tasks = {test.title: test.task for test in exercise_of(TESTS).tests}
    tests = [
        {"code": task.code.strip(), "expected": task.value, "title": title}
        for title, task in tasks.items()
        if isinstance(task, CallTask)
    ]
    work = {"tests": tests, "source": code_of(trick)}
    ran = await jails.run(Place(str(naive_installation.socket)), "attempt", "call", work, CGI)
    passed = {title for title in EXPECTED if f"PASS {title}" in ran.stdout.splitlines()}
    assert passed, (ran.outcome, ran.stdout, ran.stderr)


async def test_the_answer_passes(marked: Mark) -> None:
    assert (await marked(TESTS, f"def answer(n): return {list(EXPECTED.values())}[n - 1]")).passed

"""Every exercise of the sample course can be published, and tells those who are wrong what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from exercises.exercise import CallTask, CodeTask, Comparison, Exercise, Policy, ProgramTask, WebTask
from exercises.marking import mark
from exercises.proving import prove
from exercises.reading import read
from ivle.sample import sample_files
from tests.sandbox.installation import Installation

NAME = re.compile(r"exercises/([a-z0-9-]+)\.md")
WRONG_ANSWERS = (Path(__file__).parent / "wrong_answers.md").read_text()
WRONG_ANSWER = re.compile(
    r"^## (?P<what>[^\n]*)\n- (?P<test>[^\n]*?) => (?P<told>[^\n]*)\n\n```python\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
HIDDEN = "hidden"


@dataclass(frozen=True)
class WrongAnswer:
    exercise: str
    what: str
    test: str
    told: str
    code: str


def read_exercises() -> Iterator[Exercise]:
    for path, content in sample_files().items():
        named = NAME.fullmatch(path)
        if named:
            yield read(named[1], content.decode())


def read_wrong_answers() -> Iterator[WrongAnswer]:
    for part in re.split(r"^# ", WRONG_ANSWERS, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        found = [WrongAnswer(name, **one.groupdict()) for one in WRONG_ANSWER.finditer(text)]
        assert len(found) == text.count("\n## "), f"an answer to {name} is not read"
        yield from found


EXERCISES = {exercise.name: exercise for exercise in read_exercises()}
WRONG = list(read_wrong_answers())
TASKS = [test.task for exercise in EXERCISES.values() for test in exercise.tests]


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
async def test_it_can_be_published(installation: Installation, exercise: Exercise) -> None:
    """Its solution passes each time, and what students begin with does not."""
    assert await prove(exercise, str(installation.socket)) == ()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.exercise}: {wrong.what}")
async def test_a_wrong_answer_is_told_what_is_wrong(installation: Installation, wrong: WrongAnswer) -> None:
    exercise = EXERCISES[wrong.exercise]
    [test] = [test for test in exercise.tests if test.title == wrong.test]
    answer = {exercise.main: wrong.code}
    report = await mark(replace(exercise, tests=(test,)), answer, str(installation.socket), hidden=True)
    [result] = report.results
    assert not result.passed
    if wrong.told == HIDDEN:
        assert result.hidden
        assert result.feedback is None
        return
    feedback = result.feedback
    assert feedback is not None
    assert wrong.told in f"{feedback.sentence} {feedback.actual}", feedback
    assert feedback.given or is_given_nothing(test.task)


def is_given_nothing(task: object) -> bool:
    return isinstance(task, ProgramTask) and not (task.stdin or task.arguments or task.files)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_what_belongs_to_it_is_there(exercise: Exercise) -> None:
    assert len([wrong for wrong in WRONG if wrong.exercise == exercise.name]) >= 2
    assert exercise.hints
    assert len(exercise.text) > 100
    assert any(not test.hidden for test in exercise.tests)


def test_there_are_exercises_of_every_kind() -> None:
    assert len(EXERCISES) >= 14
    kinds = {kind: [task for task in TASKS if isinstance(task, kind)] for kind in (ProgramTask, CallTask, CodeTask)}
    assert all(kinds.values())
    programs = [task for task in TASKS if isinstance(task, ProgramTask)]
    assert any(task.stdin for task in programs)
    assert any(task.arguments for task in programs)
    assert any(task.files and task.written for task in programs)
    assert any(task.exit_status and task.stderr for task in programs)
    calls = [task for task in TASKS if isinstance(task, CallTask)]
    assert any(task.has_value for task in calls)
    assert any(task.exception and task.message for task in calls)
    assert any(task.stdout for task in calls)
    codes = [task for task in TASKS if isinstance(task, CodeTask)]
    assert any(task.must_use and task.must_not_use for task in codes)


def test_there_are_pages_with_forms_cookies_and_files() -> None:
    pages = {exercise.name for exercise in EXERCISES.values() for test in exercise.tests if is_web(test.task)}
    assert len(pages) >= 2
    steps = [step for task in TASKS if isinstance(task, WebTask) for step in task.steps]
    assert any(step.request.form for step in steps)
    assert any(step.request.uploads for step in steps)
    assert any(step.request.query for step in steps)
    assert any(step.response.cookies for step in steps)


def is_web(task: object) -> bool:
    return isinstance(task, WebTask)


def test_there_is_every_comparison() -> None:
    tests = [test for exercise in EXERCISES.values() for test in exercise.tests]
    ways = [test.comparison for test in tests]
    assert Comparison() in ways
    for name in ("is_exact", "is_pattern", "ignores_case", "ignores_space", "ignores_order", "within"):
        assert any(getattr(way, name) not in (False, None) for way in ways), name
    assert any(test.checker for test in tests)
    assert any(test.hidden for test in tests)
    assert any(test.limits.cpu_seconds and test.limits.memory_bytes for test in tests)


def test_there_is_a_policy() -> None:
    policies = [exercise.policy for exercise in EXERCISES.values()]
    assert any(policy.attempts_max and policy.penalty_percent for policy in policies)
    assert any(policy.late != Policy().late for policy in policies)

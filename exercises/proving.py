"""Proves an exercise before it is published: its solution passes every test each time, its starting code does not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from exercises import rules
from exercises.exercise import Exercise, Test
from exercises.faults import Fault
from exercises.jails import OWNER
from exercises.marking import mark
from exercises.report import TestResult
from sandbox.environments import STANDARD
from sandbox.limits import CGI, Limits
from sandbox.standing import STUDENT

SEEDS = (None, 1, 2)  # the second and third time sets have another order


async def prove(
    exercise: Exercise,
    socket: str,
    *,
    owner: str = OWNER,
    limits: Limits = CGI,
    environment: str = STANDARD,
    budget_bytes: int = STUDENT.memory_bytes,
) -> tuple[Fault, ...]:
    """What keeps it from being published. Raises SandboxError where that cannot be known."""
    unusable = tuple(rules.faults(exercise))
    if unusable:
        return unusable
    shown = open_to_view(exercise)
    run = partial(
        mark,
        socket=socket,
        hidden=True,
        owner=owner,
        limits=limits,
        environment=environment,
        budget_bytes=budget_bytes,
    )
    reports = [await run(shown, exercise.solution, hash_seed=seed) for seed in SEEDS]
    faults = [fault for fault in map(fault_of, exercise.tests, *(report.results for report in reports)) if fault]
    if not faults:
        begun = await run(exercise, exercise.files)
        if begun.passed:
            faults.append(Fault(1, "what students begin with passes every test already"))
    return tuple(faults)


def open_to_view(exercise: Exercise) -> Exercise:
    """Nothing of it is hidden: whoever proves it wrote it."""
    return replace(exercise, tests=tuple(replace(test, hidden=False) for test in exercise.tests))


def fault_of(test: Test, *results: TestResult) -> Fault | None:
    wrong = [result for result in results if not result.passed]
    if not wrong:
        return None
    reason = wrong[0].feedback.sentence if wrong[0].feedback else ""
    if len(wrong) < len(results):
        return Fault(test.line, f"the solution sometimes fails the test {test.title!r}: {reason}")
    return Fault(test.line, f"the solution fails the test {test.title!r}: {reason}")

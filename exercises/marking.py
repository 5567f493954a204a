"""Marks a submission: each test in a jail of its own, compared out here. Whoever calls gets a Report, or our own fault.

The student's jail is told the input of one test and nothing else; what it tells is data. ADR 0080 has the whole story.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from exercises import jails, judging
from exercises.exercise import CallTask, CodeTask, Exercise, ProgramTask, Test
from exercises.jails import OWNER, Place
from exercises.judging import Verdict
from exercises.report import Report, TestResult
from sandbox.limits import CGI, Limits

AT_ONCE = 3  # tests of one submission: while one computes, another's jail is made or taken apart
SUBMISSION_MAX_BYTES = 1024 * 1024
Told = Callable[[TestResult], None]


async def mark(
    exercise: Exercise,
    submission: Mapping[str, str],
    socket: str,
    *,
    hidden: bool,
    told: Told | None = None,
    owner: str = OWNER,
    limits: Limits = CGI,
) -> Report:
    """The tests that are not hidden, or all. `told` hears each result as soon as it is there.

    `owner` is whose turns the runs take in the sandbox, which lets owners in one after the other; `limits` are those of
    a test that says nothing of them. Raises SandboxError for whatever is no doing of the submission.
    """
    place = Place(socket, owner, limits)
    files = as_sent({**exercise.given, **exercise.files, **submission})
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(test: Test) -> TestResult:
        async with turns:
            result = await mark_test(exercise, test, files, place)
        if told is not None:
            told(result)
        return result

    tests = [test for test in exercise.tests if hidden or not test.hidden]
    tasks = [asyncio.ensure_future(one(test)) for test in tests]
    try:
        results = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return Report(tuple(results), sum(result.points for result in results), sum(test.points for test in tests))


def as_sent(files: Mapping[str, str | bytes]) -> dict[str, str]:
    contents = {
        name: content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        for name, content in files.items()
    }
    return {name: base64.b64encode(content).decode("ascii") for name, content in contents.items()}


async def mark_test(exercise: Exercise, test: Test, files: Mapping[str, str], place: Place) -> TestResult:
    match test.task:
        case ProgramTask() as task:
            verdict, cpu_seconds = await mark_program(exercise, test, task, files, place)
        case CallTask() as task:
            verdict, cpu_seconds = await mark_call(exercise, test, task, files, place)
        case CodeTask():
            raise NotImplementedError
    return TestResult(
        title=test.title,
        hidden=test.hidden,
        passed=verdict.passed,
        points=test.points if verdict.passed else 0.0,
        of_points=test.points,
        feedback=None if test.hidden else verdict.feedback,
        cpu_seconds=cpu_seconds,
    )


async def mark_program(
    exercise: Exercise, test: Test, task: ProgramTask, files: Mapping[str, str], place: Place
) -> tuple[Verdict, float]:
    work = {
        "files": {**files, **as_sent(task.files)},
        "main": exercise.main,
        "stdin": task.stdin,
        "arguments": list(task.arguments),
        "written": list(task.written),
    }
    limits = place.bounded(test.limits)
    ran = await jails.run(place, "attempt", "program", work, limits)
    return judging.judge_program(test, task, ran, limits), ran.outcome.cpu_seconds


async def mark_call(
    exercise: Exercise, test: Test, task: CallTask, files: Mapping[str, str], place: Place
) -> tuple[Verdict, float]:
    work = {
        "files": {**files, **as_sent(task.files)},
        "main": exercise.main,
        "module": PurePosixPath(exercise.main).stem,
        "stdin": task.stdin,
        "code": task.code,
    }
    limits = place.bounded(test.limits)
    ran = await jails.run(place, "attempt", "call", work, limits)
    return judging.judge_call(test, task, ran, limits), ran.outcome.cpu_seconds

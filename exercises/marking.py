"""Marks a submission: each test in a jail of its own, compared out here. Whoever calls gets a Report, or our own fault.

The student's jail is told the input of one test and nothing else; what it tells is data. ADR 0080 has the whole story.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from exercises import checking, jails, judging, pages
from exercises.checking import Unchecked
from exercises.exercise import CallTask, CodeTask, Exercise, ProgramTask, Test, WebTask, is_file_name
from exercises.jails import ATTEMPT, OWNER, Jail, Place
from exercises.judging import Same, Verdict
from exercises.report import Report, Room, TestResult
from exercises.sentences import sentence as _
from exercises.texts import is_same_text
from exercises.turns import Turns
from exercises.visits import Browser, Page
from sandbox.environments import STANDARD
from sandbox.limits import CGI, Limits
from sandbox.standing import STUDENT

Told = Callable[[TestResult], None]
Files = Mapping[str, bytes]  # beside a submission, by name


async def mark(
    exercise: Exercise,
    submission: Mapping[str, str],
    socket: str,
    *,
    hidden: bool,
    told: Told | None = None,
    owner: str = OWNER,
    limits: Limits = CGI,
    environment: str = STANDARD,
    hash_seed: int | None = None,
    budget_bytes: int = STUDENT.memory_bytes,
) -> Report:
    """The tests that are not hidden, or all. `told` hears each result as soon as it is there, but for hidden tests:
    when one of those ends would tell something of it.

    `owner` is whose turns the runs take in the sandbox, which lets owners in one after the other; `limits` are those of
    a test that says nothing of them, `budget_bytes` is the memory that the owner's programs may have together,
    `environment` is what all of it runs in ("": the standard one). Raises SandboxError for whatever is no doing of the
    submission.
    """
    place = Place(socket, owner, limits, environment or STANDARD, hash_seed, budget_bytes)
    named = {name: text for name, text in submission.items() if is_file_name(name)}
    files = {**as_bytes(exercise.files), **as_bytes(named), **exercise.given}
    turns, room = Turns(budget_bytes), Room()

    async def one(test: Test) -> TestResult:
        async with turns.one(place.bounded(test.limits).memory_bytes):
            result = room.fit(await mark_test(exercise, test, files, place))
        if told is not None and not test.hidden:
            told(result)
        return result

    tests = [test for test in exercise.tests if hidden or not test.hidden]
    found: dict[int, TestResult] = {}
    for is_hidden in (False, True):  # those that are shown would tell how long hidden ones before them take
        places = [place for place, test in enumerate(tests) if test.hidden is is_hidden]
        found.update(zip(places, await together([one(tests[place]) for place in places]), strict=True))
    results = tuple(found[place] for place in range(len(tests)))
    return Report(results, sum(result.points for result in results), sum(test.points for test in tests))


async def together(works: Iterable[Coroutine[Any, Any, TestResult]]) -> list[TestResult]:
    """None of them goes on when one fails."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def as_bytes(files: Mapping[str, str]) -> Files:
    return {name: encoded(content) for name, content in files.items()}


def encoded(text: str) -> bytes:
    """Bytes that were no text come back as they were; what could be none, a person has sent on purpose."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def as_sent(files: Files) -> dict[str, str]:
    return {name: jails.as_told(content) for name, content in files.items()}


async def mark_test(exercise: Exercise, test: Test, files: Files, place: Place) -> TestResult:
    verdict, cpu_seconds = await judged(exercise, test, files, place)
    return TestResult(
        title=test.title,
        hidden=test.hidden,
        passed=verdict.passed,
        points=test.points if verdict.passed else 0.0,
        of_points=test.points,
        feedback=None if test.hidden else verdict.feedback,
        cpu_seconds=cpu_seconds,
    )


async def judged(exercise: Exercise, test: Test, files: Files, place: Place) -> tuple[Verdict, float]:
    match test.task:
        case ProgramTask() as task:
            return await mark_program(exercise, test, task, files, place)
        case CallTask() as task:
            return await mark_call(exercise, test, task, files, place)
        case CodeTask() as task:
            return await mark_code(exercise, task, files, place), 0.0
        case WebTask() as task:
            return await mark_web(exercise, test, task, files, place)


async def mark_program(
    exercise: Exercise, test: Test, task: ProgramTask, files: Files, place: Place
) -> tuple[Verdict, float]:
    work = {
        "files": as_sent({**files, **as_bytes(task.files)}),
        "main": exercise.main,
        "stdin": task.stdin,
        "arguments": list(task.arguments),
        "written": list(task.written),
    }
    limits = place.bounded(test.limits)
    ran = await jails.run(place, ATTEMPT, "program", work, limits)
    verdict = judging.judge_end(task, ran, limits)
    if verdict is None:
        told = {**judging.told_of_program(task, ran), "value": None}
        compare = partial(judging.judge_program, task, ran, test.comparison)
        verdict = await compared(test, place, told, judging.texts_of_program(task, ran), compare)
    return verdict, ran.outcome.cpu_seconds


async def mark_call(
    exercise: Exercise, test: Test, task: CallTask, files: Files, place: Place
) -> tuple[Verdict, float]:
    work = {
        "files": as_sent({**files, **as_bytes(task.files)}),
        "main": exercise.main,
        "module": PurePosixPath(exercise.main).stem,
        "stdin": task.stdin,
        "code": task.code,
    }
    limits = place.bounded(test.limits)
    ran = await jails.run(place, ATTEMPT, "call", work, limits)
    verdict = judging.judge_answer(task, ran, limits)
    if verdict is None:
        told = {**judging.told_of_call(task, ran), "value": ran.answer["value"]}
        compare = partial(judging.judge_call, task, ran, test.comparison)
        verdict = await compared(test, place, told, judging.texts_of_call(task, ran), compare)
    return verdict, ran.outcome.cpu_seconds


async def compared(
    test: Test, place: Place, told: Mapping[str, Any], pairs: list[tuple[str, str]], compare: Callable[[Same], Verdict]
) -> Verdict:
    """By the test's own checker, by patterns or by what is the same: the first two in another jail."""
    how = test.comparison
    given = str(told["given"])
    try:
        if test.checker is not None:
            ran = {name: value for name, value in told.items() if name not in ("given", "value")}
            opinion = await checking.opinion(place, test.checker, ran, told["value"], test.limits)
            return judging.passed(given) if opinion.passed else judging.failed(opinion.sentence, given)
        if how.is_pattern:
            found = await checking.matches(place, pairs, ignores_case=how.ignores_case)
            return compare(lambda expected, actual: found[expected.removesuffix("\n"), actual.removesuffix("\n")])
        return compare(lambda expected, actual: is_same_text(expected, actual, how))
    except Unchecked as fault:
        return judging.failed(fault.reason, given)


async def mark_code(exercise: Exercise, task: CodeTask, files: Files, place: Place) -> Verdict:
    """Every file of theirs is looked at."""
    names = list(dict.fromkeys([*task.must_use, *task.must_not_use, *judging.hiding(task)]))
    theirs = [file for file in files if file.endswith(".py") and file not in exercise.given]
    sources = {file: files[file].decode("utf-8", "replace") for file in theirs}
    try:
        places = await checking.places_of(place, sources, names, modules_beside(exercise, files))
    except Unchecked as fault:
        return judging.failed(fault.reason, "\n".join(theirs))
    found = {name: [f"{file}, line {line}" for file, line in places[name]] for name in names}
    return judging.judge_code(task, found)


def modules_beside(exercise: Exercise, files: Files) -> list[str]:
    """That a program may import: a test may have files of its own for it."""
    others = [file for test in exercise.tests if not isinstance(test.task, CodeTask) for file in test.task.files]
    return sorted({file.partition("/")[0].removesuffix(".py") for file in [*files, *others]})


async def mark_web(exercise: Exercise, test: Test, task: WebTask, files: Files, place: Place) -> tuple[Verdict, float]:
    limits = place.bounded(test.limits)
    beside = {**files, **as_bytes(task.files)}
    browser = Browser(exercise.main, beside)
    found: list[Page] = []
    verdict = None
    async with Jail.start(place, ATTEMPT, "web", limits) as jail:
        jail.tell({"files": as_sent(beside), "stdin": ""})
        for number, step in enumerate(task.steps, 1):
            jail.tell(browser.ask(step.request))
            page = Page.from_message(await jail.hear() or {})
            if page is None:
                break
            browser.keep(page)
            found.append(page)
            verdict = pages.judge_head(number, step, page)
            if verdict is not None:
                break
        jail.dismiss()
        ran = await jail.end()
    if len(found) < len(task.steps) and verdict is None:
        step = task.steps[len(found)]
        reason = judging.stopped(ran, limits) or _("It ended before it had answered.")
        verdict = judging.failed(reason, pages.given_in(len(found) + 1, step.request))
    return verdict or await mark_pages(test, task, found, place), ran.outcome.cpu_seconds


async def mark_pages(test: Test, task: WebTask, found: list[Page], place: Place) -> Verdict:
    """What is on them, when their heads are well."""
    steps = list(zip(task.steps, found, strict=True))
    html = [(page.body, pages.selectors_of(step.response)) for step, page in steps if pages.wants_facts(step, page)]
    try:
        facts = iter(await checking.facts_of(place, html))
    except Unchecked as fault:
        return judging.failed(fault.reason, "")
    for number, (step, page) in enumerate(steps, 1):
        known = next(facts) if pages.wants_facts(step, page) else {}
        verdict = pages.judge_body(number, step, page, known, test.comparison)
        if verdict is not None:
            return verdict
    return pages.all_well(task.steps)

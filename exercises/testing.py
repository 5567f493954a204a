"""Makes the tests of an exercise, each of what its section says: what is given, what must come of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from exercises import values
from exercises.exercise import (
    CallTask,
    CodeTask,
    ProgramTask,
    Request,
    Step,
    Task,
    Test,
    WebTask,
)
from exercises.faults import Fault
from exercises.found import ONCE, Found, find
from exercises.sections import Section
from exercises.steps import Unreadable, read_request, read_response

RAISES = re.compile(r"(?:raises\s+)?(?P<name>[A-Za-z_][\w.]*)(?:\s*:\s*(?P<message>.*))?", re.DOTALL)
ARROW = " -> "


def read_tests(titled: Iterable[tuple[str, Section]], points: float | None) -> tuple[tuple[Test, ...], list[Fault]]:
    """`points` is what all of them together are worth, where that is set."""
    tests: list[Test] = []
    faults: list[Fault] = []
    for title, section in titled:
        found = find(title, section)
        tests += make_tests(found)
        faults += found.faults
    titles: set[str] = set()
    for test in tests:
        if test.title in titles and test.title:
            faults.append(Fault(test.line, f"there is a test {test.title!r} already"))
        titles.add(test.title)
    whole = sum(test.points for test in tests)
    if points is not None and whole:
        tests = [replace(test, points=points * test.points / whole) for test in tests]
    return tuple(tests), faults


def make_tests(found: Found) -> list[Test]:
    kinds = [
        ("call", "call" in found.texts),
        ("calls", "calls" in found.texts),
        ("code", bool(found.must_use or found.must_not_use)),
        ("web", bool(found.steps)),
    ]
    named = [kind for kind, is_there in kinds if is_there]
    if len(named) > 1:
        found.fault(found.section.line, f"this test is of several kinds at once: {', '.join(named)}")
        return []
    make = MAKERS[named[0] if named else "program"]
    return make(found)


def as_test(found: Found, task: Task, **others: Any) -> Test:
    told: dict[str, Any] = {
        "title": found.title,
        "task": task,
        "hidden": found.hidden,
        "points": found.points,
        "comparison": found.comparison,
        "checker": found.checker,
        "limits": found.bounds,
        "line": found.section.line,
    }
    return Test(**{**told, **others})


def make_program(found: Found) -> list[Test]:
    unfit(found, "value", "exception")
    expects = found.texts.keys() & {"output", "errors", "checker"} or found.written or found.has_exit
    if not expects:
        reason = "nothing is expected here: a block `output`, `errors`, `written NAME` or `checker`, or `- exit: 3`"
        found.fault(found.section.line, reason)
    task = ProgramTask(
        stdin=found.text("input") or "",
        arguments=found.arguments or (),
        files=found.files,
        stdout=found.text("output"),
        stderr=found.text("errors"),
        exit_status=found.exit_status,
        written=found.written,
    )
    return [as_test(found, task)]


def make_call(found: Found) -> list[Test]:
    unfit_for_calls(found)
    block = found.texts["call"]
    expects = found.texts.keys() & {"value", "exception", "output", "checker"}
    if not expects:
        found.fault(block.line, "nothing is expected here: a block `value`, `exception`, `output` or `checker`")
    if {"value", "exception"} <= found.texts.keys():
        found.fault(block.line, "a call gives a value or raises an exception, never both")
    check_call(found, block.text, block.line)
    task = CallTask(block.text, stdin=found.text("input") or "", files=found.files, stdout=found.text("output"))
    if "value" in found.texts:
        value = found.texts["value"]
        task = replace(task, has_value=True, value=literal(found, value.text, value.line + 1))
    if "exception" in found.texts:
        exception = found.texts["exception"]
        task = raising(found, task, exception.text.strip(), exception.line + 1)
    return [as_test(found, task)]


def make_calls(found: Found) -> list[Test]:
    """One test for each line."""
    unfit_for_calls(found)
    unfit(found, "value", "exception", "output", "checker")
    tests: list[Test] = []
    block = found.texts["calls"]
    for number, row in enumerate(block.text.splitlines(), block.line + 1):
        code, arrow, expected = (part.strip() for part in row.rpartition(ARROW))
        if not row.strip():
            continue
        if not arrow:
            found.fault(number, "a call, an arrow and its value: `add(1, 2) -> 3`, or `add(1) -> raises TypeError`")
            continue
        check_call(found, code, number - 1)
        task = CallTask(code, stdin=found.text("input") or "", files=found.files)
        if expected.startswith("raises "):
            task = raising(found, task, expected, number)
        else:
            task = replace(task, has_value=True, value=literal(found, expected, number))
        title = f"{found.title} ({len(tests) + 1})" if found.hidden else code
        tests.append(as_test(found, task, title=title, line=number))
    if not tests:
        found.fault(block.line, "there is no call in here")
    return tests


def make_code(found: Found) -> list[Test]:
    unfit(found, *ONCE)
    return [as_test(found, CodeTask(found.must_use, found.must_not_use))]


def make_web(found: Found) -> list[Test]:
    """Each request is followed by what must come back, and that by the whole of its body, if it is to be looked at."""
    unfit(found, *ONCE)
    if found.arguments is not None or found.has_exit or found.written:
        found.fault(found.section.line, "`arguments`, `exit` and `written` are for programs; this one is a page")
    steps: list[Step] = []
    asked: Request | None = None
    for block in found.steps:
        try:
            if block.kind == "request":
                if asked is not None:
                    found.fault(block.line, "the request before has no block `response`")
                asked = read_request(block.text)
            elif block.kind == "response" and asked is not None:
                steps.append(Step(asked, read_response(block.text), block.line))
                asked = None
            elif block.kind == "body" and steps and asked is None:
                steps[-1] = replace(steps[-1], response=replace(steps[-1].response, body=block.text))
            else:
                found.fault(block.line, "a block `request` comes first, then its `response`, then perhaps its `body`")
        except Unreadable as error:
            found.fault(block.line + error.line, str(error))
            asked = None
    if asked is not None:
        found.fault(found.steps[-1].line, "this request has no block `response`")
    return [as_test(found, WebTask(tuple(steps), found.files))]


MAKERS = {"program": make_program, "call": make_call, "calls": make_calls, "code": make_code, "web": make_web}


def unfit(found: Found, *kinds: str) -> None:
    for kind in kinds:
        if kind in found.texts:
            found.fault(found.texts[kind].line, f"a block `{kind}` does not go with this kind of test")


def unfit_for_calls(found: Found) -> None:
    unfit(found, "errors")
    if found.arguments is not None or found.has_exit or found.written:
        found.fault(found.section.line, "`arguments`, `exit` and `written` are for programs, and this test calls")


def check_call(found: Found, code: str, line: int) -> None:
    """`line` is that above the code."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        found.fault(line + (error.lineno or 1), f"this is no Python: {error.msg}")
        return
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        found.fault(line + 1, "a call ends in an expression, whose value is looked at")


def literal(found: Found, text: str, line: int) -> Any:
    try:
        value = ast.literal_eval(text.strip())
        if values.is_tree(values.of(value)):
            return value
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        pass
    found.fault(line, "a value is written as in Python, without names or calls: 42, 'text', [1, 2], {'a': None}")
    return None


def raising(found: Found, task: CallTask, text: str, line: int) -> CallTask:
    named = RAISES.fullmatch(text)
    if named is None:
        found.fault(line, "the name of an exception, and if you like what it says: `ValueError: too small`")
        return task
    return replace(task, exception=named["name"], message=named["message"])

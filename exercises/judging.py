"""Says whether what a submission did is what its test expects, and why not, in words for its student. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from exercises import texts, values
from exercises.exercise import CallTask, Comparison, ProgramTask, Test
from exercises.jails import Ran
from exercises.report import Feedback
from sandbox.limits import MIB, Limits
from sandbox.outcome import Ended

WELL = "As expected."
STRICT = Comparison()


@dataclass(frozen=True)
class Verdict:
    passed: bool
    feedback: Feedback


def passed(given: str) -> Verdict:
    return Verdict(True, Feedback(WELL, given=given))


def failed(sentence: str, given: str, expected: str = "", actual: str = "", *, differs: bool = False) -> Verdict:
    """`differs` asks for a difference line by line."""
    expected, actual = texts.cut(expected), texts.cut(actual)
    diff = texts.difference(expected, actual) if differs else ()
    return Verdict(False, Feedback(sentence, texts.cut(given), expected, actual, diff))


def stopped(ran: Ran, limits: Limits) -> str:
    """Why it did not end by itself; "" where it did."""
    match ran.outcome.ended:
        case Ended.CPU:
            return f"It was stopped after {limits.cpu_seconds:g} s of computing. Is there a loop that never ends?"
        case Ended.WALL:
            return f"It was stopped after {limits.wall_seconds:g} s. Does it wait for something that never comes?"
        case Ended.MEMORY:
            return f"It was stopped because it wanted more than {limits.memory_bytes // MIB} MB of memory."
        case Ended.OUTPUT:
            return "It was stopped because it printed too much."
        case Ended.CRASHED:
            return f"It crashed: {ran.outcome.signal_name}."
        case Ended.KILLED:
            return "It was stopped."
    return ""


def judge_program(test: Test, task: ProgramTask, ran: Ran, limits: Limits) -> Verdict:
    given = given_to_program(task)
    if reason := stopped(ran, limits):
        return failed(reason, given, task.stdout or "", ran.stdout, differs=bool(ran.stdout))
    status = ran.outcome.exit_status
    if task.exit_status is not None and status != task.exit_status:
        return wrong_exit(task, ran, given)
    streams = (("It printed", task.stdout, ran.stdout), ("On standard error it printed", task.stderr, ran.stderr))
    for beginning, expected, actual in streams:
        if expected is not None and not texts.is_same_text(expected, actual, test.comparison):
            return failed(printed(beginning, expected, actual, test.comparison), given, expected, actual, differs=True)
    return judge_files(test, task, ran, given)


def wrong_exit(task: ProgramTask, ran: Ran, given: str) -> Verdict:
    if task.exit_status == 0 and "Traceback" in ran.stderr:
        sentence = f"It ended with an error: {last_line(ran.stderr)}"
        return failed(sentence, given, task.stdout or "", ran.stdout + ran.stderr)
    sentence = f"Its exit status was {ran.outcome.exit_status}, and {task.exit_status} was expected."
    return failed(sentence, given, str(task.exit_status), ran.stderr or str(ran.outcome.exit_status))


def printed(beginning: str, expected: str, actual: str, how: Comparison) -> str:
    if not actual.strip():
        return f"{beginning} nothing."
    if texts.is_same_text(expected, actual, Comparison(ignores_space=True, ignores_case=True)):
        return f"{beginning} the right words; spaces, line breaks or capital letters differ."
    if how.is_pattern:
        return f"{beginning} something else than was asked for."
    if how.ignores_order:
        return f"{beginning} other lines than were expected."
    return f"{beginning} something else from line {texts.first_difference(expected, actual, how)} on."


def judge_files(test: Test, task: ProgramTask, ran: Ran, given: str) -> Verdict:
    found = files_of(ran.answer)
    for name, expected in task.written.items():
        if name not in found:
            return failed(f"It did not write the file {name}.", given, expected)
        if not texts.is_same_text(expected, found[name], test.comparison):
            beginning = f"Into {name} it wrote"
            sentence = printed(beginning, expected, found[name], test.comparison)
            return failed(sentence, given, expected, found[name], differs=True)
    return passed(given)


def files_of(answer: dict[str, Any]) -> dict[str, str]:
    files = answer.get("files")
    if not isinstance(files, dict):
        return {}
    return {name: as_text(content) for name, content in files.items() if isinstance(content, str)}


def as_text(content: str) -> str:
    try:
        return base64.b64decode(content).decode("utf-8", "replace")
    except ValueError:
        return ""


def judge_call(test: Test, task: CallTask, ran: Ran, limits: Limits) -> Verdict:
    given, expected = given_to_call(task), expected_of_call(task)
    if reason := stopped(ran, limits):
        return failed(reason, given, expected, ran.stdout)
    answer = ran.answer
    if told := described(answer.get("import")):
        return failed(f"Your file could not be imported: {told.sentence}.", given, expected, told.traceback)
    if answer.get("too large") is True:
        return failed("What it gave is too large to compare.", given, expected)
    if told := described(answer.get("raised")):
        return judge_raised(task, told, given, expected)
    tree = answer.get("value")
    if not values.is_tree(tree):
        return failed("It ended before the call gave a value.", given, expected, ran.stderr or ran.stdout)
    actual = values.shown(tree)
    if task.exception is not None:
        return failed(f"It raised no {task.exception}.", given, expected, actual)
    if task.has_value and not values.is_same(values.of(task.value), tree, test.comparison):
        return failed(wrong_value(task, tree), given, expected, actual)
    if task.stdout is not None and not texts.is_same_text(task.stdout, ran.stdout, test.comparison):
        sentence = printed("It printed", task.stdout, ran.stdout, test.comparison)
        return failed(sentence, given, task.stdout, ran.stdout, differs=True)
    return passed(given)


def wrong_value(task: CallTask, tree: values.Tree) -> str:
    expected = values.of(task.value)
    if tree == ["none"]:
        return "It gave None. Is a `return` missing?"
    if expected[0] != tree[0] and not {expected[0], tree[0]} <= set(values.NUMBERS):
        return f"It gave {KINDS.get(tree[0], 'something else')}, and {KINDS[expected[0]]} was expected."
    return "It gave another value."


KINDS = {
    "none": "None",
    "bool": "True or False",
    "int": "a whole number",
    "float": "a number",
    "complex": "a complex number",
    "str": "a text",
    "bytes": "bytes",
    "list": "a list",
    "tuple": "a tuple",
    "set": "a set",
    "dict": "a dictionary",
}


@dataclass(frozen=True)
class Told:
    """An exception as a jail told it."""

    kinds: tuple[str, ...]
    message: str
    traceback: str

    @property
    def sentence(self) -> str:
        return f"{self.kinds[0]}: {self.message}" if self.message else self.kinds[0]


def described(message: object) -> Told | None:
    match message:
        case {"kinds": [str(), *_] as kinds, "message": str(text), "traceback": str(traceback)}:
            return Told(tuple(map(str, kinds)), text, traceback)
    return None


def judge_raised(task: CallTask, told: Told, given: str, expected: str) -> Verdict:
    if task.exception is None:
        return failed(f"It raised {texts.cut(told.sentence, 200)}.", given, expected, told.traceback)
    if task.exception not in told.kinds:
        sentence = f"It raised {told.kinds[0]}, and {task.exception} was expected."
        return failed(sentence, given, expected, told.traceback)
    if task.message is not None and not texts.is_same_text(task.message, told.message, STRICT):
        return failed(f"The {told.kinds[0]} says something else.", given, expected, told.sentence)
    return passed(given)


def expected_of_call(task: CallTask) -> str:
    if task.has_value:
        return values.shown(values.of(task.value))
    if task.exception is not None:
        return task.exception + (f": {task.message}" if task.message else "")
    return task.stdout or ""


def given_to_call(task: CallTask) -> str:
    return texts.cut(task.code.strip() + (f"\n\ninput:\n{task.stdin}" if task.stdin else ""))


def given_to_program(task: ProgramTask) -> str:
    parts = []
    if task.arguments:
        parts.append(f"arguments: {' '.join(task.arguments)}")
    if task.stdin:
        parts.append(f"input:\n{task.stdin}")
    parts += [f"{name}:\n{content}" for name, content in task.files.items()]
    return texts.cut("\n".join(parts))


def last_line(text: str) -> str:
    return texts.cut(text.strip().rpartition("\n")[2], 200)

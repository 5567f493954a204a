"""Says whether what a submission did is what its test expects, and why not, in words for its student. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exercises import texts, values
from exercises.exercise import CallTask, CodeTask, Comparison, ProgramTask
from exercises.jails import Ran, as_bytes
from exercises.report import Feedback
from sandbox.limits import MIB, Limits
from sandbox.outcome import Ended

WELL = "As expected."
HIDING = ("eval()", "exec()", "compile()", "__import__()", "__builtins__", "import builtins", "import importlib")
STRICT = Comparison()
Same = Callable[[str, str], bool]  # whether a text is as was expected, which comes first


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


def judge_end(task: ProgramTask, ran: Ran, limits: Limits) -> Verdict | None:
    """Of a program that did not end as it should; else None."""
    given = given_to_program(task)
    if reason := stopped(ran, limits):
        return failed(reason, given, task.stdout or "", ran.stdout, differs=bool(ran.stdout))
    if task.exit_status is not None and ran.outcome.exit_status != task.exit_status:
        return wrong_exit(task, ran, given)
    return None


def judge_program(task: ProgramTask, ran: Ran, how: Comparison, same: Same) -> Verdict:
    """Of a program that ended well: what it printed and wrote."""
    given, found = given_to_program(task), files_of(ran.answer)
    pairs = [("It printed", task.stdout, ran.stdout), ("On standard error it printed", task.stderr, ran.stderr)]
    for name, expected in task.written.items():
        if name not in found:
            return failed(f"It did not write the file {name}.", given, expected)
        pairs.append((f"Into {name} it wrote", expected, found[name]))
    for beginning, text, actual in pairs:
        if text is not None and not same(text, actual):
            return failed(printed(beginning, text, actual, how), given, text, actual, differs=not how.is_pattern)
    return passed(given)


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


def files_of(answer: dict[str, Any]) -> dict[str, str]:
    files = answer.get("files")
    if not isinstance(files, dict):
        return {}
    return {name: as_text(content) for name, content in files.items() if isinstance(content, str)}


def as_text(content: str) -> str:
    return as_bytes(content).decode("utf-8", "replace")


def judge_answer(task: CallTask, ran: Ran, limits: Limits) -> Verdict | None:
    """Of a call that gave no value, whether or not that is as it should be; None where it gave one."""
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
    if task.exception is not None:
        return failed(f"It raised no {task.exception}.", given, expected, values.shown(tree))
    return None


def judge_call(task: CallTask, ran: Ran, how: Comparison, same: Same) -> Verdict:
    """Of a call that gave a value."""
    given, tree = given_to_call(task), ran.answer["value"]
    if task.has_value and not values.is_same(values.of(task.value), tree, how):
        return failed(wrong_value(task, tree), given, expected_of_call(task), values.shown(tree))
    if task.stdout is not None and not same(task.stdout, ran.stdout):
        sentence = printed("It printed", task.stdout, ran.stdout, how)
        return failed(sentence, given, task.stdout, ran.stdout, differs=not how.is_pattern)
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


def judge_code(task: CodeTask, found: dict[str, list[str]]) -> Verdict:
    """`found` tells for each name the places where it is used."""
    rules = [f"must use: {name}" for name in task.must_use] + [f"must not use: {name}" for name in task.must_not_use]
    given = "\n".join(rules)
    for name in task.must_use:
        if not found[name]:
            return failed(f"Your program does not use `{name}`.", given)
    for name in task.must_not_use:
        if found[name]:
            return failed(f"Your program uses `{name}`.", given, actual="\n".join(found[name]))
    for name in HIDING if task.must_not_use else ():
        if found[name]:
            return failed(
                f"Your program uses `{name}`, which could hide anything.", given, actual="\n".join(found[name])
            )
    return passed(given)


def told_of_program(task: ProgramTask, ran: Ran) -> dict[str, Any]:
    """What a checker is told."""
    return {
        "given": given_to_program(task),
        "input": task.stdin,
        "arguments": list(task.arguments),
        "output": ran.stdout,
        "errors": ran.stderr,
        "exit": ran.outcome.exit_status,
        "files": files_of(ran.answer),
    }


def told_of_call(task: CallTask, ran: Ran) -> dict[str, Any]:
    return {"given": given_to_call(task), "input": task.stdin, "output": ran.stdout, "errors": ran.stderr}


def texts_of_program(task: ProgramTask, ran: Ran) -> list[tuple[str, str]]:
    """Each that is expected beside what came, for patterns."""
    found = files_of(ran.answer)
    pairs = [(task.stdout, ran.stdout), (task.stderr, ran.stderr)]
    pairs += [(expected, found[name]) for name, expected in task.written.items() if name in found]
    return without_line_end(pairs)


def texts_of_call(task: CallTask, ran: Ran) -> list[tuple[str, str]]:
    return without_line_end([(task.stdout, ran.stdout)])


def without_line_end(pairs: list[tuple[str | None, str]]) -> list[tuple[str, str]]:
    return [(text.removesuffix("\n"), actual.removesuffix("\n")) for text, actual in pairs if text is not None]


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

"""Says whether what a submission did is what its test expects, and why not, in words for its student. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exercises import texts, values
from exercises.exercise import CallTask, CodeTask, Comparison, ProgramTask
from exercises.jails import Ran, as_bytes
from exercises.report import Feedback
from exercises.sentences import NOTHING, Sentence
from exercises.sentences import sentence as _
from sandbox.limits import MIB, Limits
from sandbox.outcome import Ended

WELL = _("As expected.")
HIDING = (  # docs/exercises.md names them
    *("eval()", "exec()", "compile()", "__import__()", "globals()", "locals()", "vars()"),
    *("getattr() of a computed name", "import of a file that was not handed in"),
    *("__builtins__", "__dict__", "__getattribute__", "__globals__", "__loader__", "__self__", "__spec__"),
    *("__subclasses__", ".f_builtins", ".f_globals", ".f_locals", "sys._getframe()", "sys.modules"),
    *("operator.attrgetter()", "operator.methodcaller()", "os.popen()", "os.system()"),
    *("import builtins", "import code", "import ctypes", "import gc", "import importlib", "import inspect"),
    *("import pickle", "import pkgutil", "import runpy", "import subprocess", "import timeit"),
)
STRICT = Comparison()
KINDS_MAX, KIND_MAX_CHARACTERS, MESSAGE_MAX_CHARACTERS = 100, 200, 4_000  # of an exception, more than a harness tells
Same = Callable[[str, str], bool]  # whether a text is as was expected, which comes first


@dataclass(frozen=True)
class Verdict:
    passed: bool
    feedback: Feedback


def passed(given: str) -> Verdict:
    return Verdict(True, Feedback(WELL, given=given))


def failed(sentence: Sentence, given: str, expected: str = "", actual: str = "", *, differs: bool = False) -> Verdict:
    """`differs` asks for a difference line by line."""
    expected, actual = texts.cut(expected), texts.cut(actual)
    diff = texts.difference(expected, actual) if differs else ()
    return Verdict(False, Feedback(sentence, texts.cut(given), expected, actual, diff))


def stopped(ran: Ran, limits: Limits) -> Sentence:
    """Why it did not end by itself; empty where it did."""
    match ran.outcome.ended:
        case Ended.CPU:
            seconds = f"{limits.cpu_seconds:g}"
            return _(
                "It was stopped after %(seconds)s s of computing. Is there a loop that never ends?", seconds=seconds
            )
        case Ended.WALL:
            seconds = f"{limits.wall_seconds:g}"
            return _(
                "It was stopped after %(seconds)s s. Does it wait for something that never comes?", seconds=seconds
            )
        case Ended.MEMORY:
            most = limits.memory_bytes // MIB
            return _("It was stopped because it wanted more than %(most)d MB of memory.", most=most)
        case Ended.OUTPUT:
            return _("It was stopped because it printed too much.")
        case Ended.CRASHED:
            return _("It crashed: %(signal)s.", signal=ran.outcome.signal_name)
        case Ended.KILLED:
            return _("It was stopped.")
    return NOTHING


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
    pairs = [
        (_("It printed"), task.stdout, ran.stdout),
        (_("On standard error it printed"), task.stderr, ran.stderr),
    ]
    for name, expected in task.written.items():
        if name not in found:
            return failed(_("It did not write the file %(name)s.", name=name), given, expected)
        pairs.append((_("Into %(name)s it wrote", name=name), expected, found[name]))
    for beginning, text, actual in pairs:
        if text is not None and not same(text, actual):
            return failed(printed(beginning, text, actual, how), given, text, actual, differs=not how.is_pattern)
    return passed(given)


def wrong_exit(task: ProgramTask, ran: Ran, given: str) -> Verdict:
    if task.exit_status == 0 and "Traceback" in ran.stderr:
        reason = _("It ended with an error: %(error)s", error=last_line(ran.stderr))
        return failed(reason, given, task.stdout or "", ran.stdout + ran.stderr)
    status = ran.outcome.exit_status
    reason = _(
        "Its exit status was %(status)s, and %(expected)s was expected.", status=status, expected=task.exit_status
    )
    return failed(reason, given, str(task.exit_status), ran.stderr or str(status))


def printed(beginning: Sentence, expected: str, actual: str, how: Comparison) -> Sentence:
    """`beginning` says where."""
    if not actual.strip():
        return _("%(it_printed)s nothing.", it_printed=beginning)
    if texts.is_same_text(expected, actual, Comparison(ignores_space=True, ignores_case=True)):
        return _("%(it_printed)s the right words; spaces, line breaks or capital letters differ.", it_printed=beginning)
    if how.is_pattern:
        return _("%(it_printed)s something else than was asked for.", it_printed=beginning)
    if how.ignores_order:
        return _("%(it_printed)s other lines than were expected.", it_printed=beginning)
    line = texts.first_difference(expected, actual, how)
    return _("%(it_printed)s something else from line %(line)s on.", it_printed=beginning, line=line)


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
        return failed(
            _("Your file could not be imported: %(error)s.", error=told.sentence), given, expected, told.traceback
        )
    if answer.get("too large") is True:
        return failed(_("What it gave is too large to compare."), given, expected)
    if told := described(answer.get("raised")):
        return judge_raised(task, told, given, expected)
    tree = answer.get("value")
    if not values.is_tree(tree):
        return failed(_("It ended before the call gave a value."), given, expected, ran.stderr or ran.stdout)
    if task.exception is not None:
        return failed(_("It raised no %(error)s.", error=task.exception), given, expected, values.shown(tree))
    return None


def judge_call(task: CallTask, ran: Ran, how: Comparison, same: Same) -> Verdict:
    """Of a call that gave a value."""
    given, tree = given_to_call(task), ran.answer["value"]
    if task.has_value and not values.is_same(values.of(task.value), tree, how):
        return failed(wrong_value(task, tree), given, expected_of_call(task), values.shown(tree))
    if task.stdout is not None and not same(task.stdout, ran.stdout):
        reason = printed(_("It printed"), task.stdout, ran.stdout, how)
        return failed(reason, given, task.stdout, ran.stdout, differs=not how.is_pattern)
    return passed(given)


def wrong_value(task: CallTask, tree: values.Tree) -> Sentence:
    expected = values.of(task.value)
    if tree == ["none"]:
        return _("It gave None. Is a `return` missing?")
    if expected[0] != tree[0] and not {expected[0], tree[0]} <= set(values.NUMBERS):
        came, wanted = KINDS.get(tree[0], _("something else")), KINDS[expected[0]]
        return _("It gave %(came)s, and %(wanted)s was expected.", came=came, wanted=wanted)
    return _("It gave another value.")


KINDS = {
    "none": _("None"),
    "bool": _("True or False"),
    "int": _("a whole number"),
    "float": _("a number"),
    "complex": _("a complex number"),
    "str": _("a text"),
    "bytes": _("bytes"),
    "list": _("a list"),
    "tuple": _("a tuple"),
    "set": _("a set"),
    "dict": _("a dictionary"),
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
            named = tuple(str(kind)[:KIND_MAX_CHARACTERS] for kind in kinds[:KINDS_MAX])
            return Told(named, text[:MESSAGE_MAX_CHARACTERS], traceback[-MESSAGE_MAX_CHARACTERS:])
    return None


def judge_raised(task: CallTask, told: Told, given: str, expected: str) -> Verdict:
    if task.exception is None:
        return failed(_("It raised %(error)s.", error=texts.cut(told.sentence, 200)), given, expected, told.traceback)
    if task.exception not in told.kinds:
        kinds = {"came": told.kinds[0], "wanted": task.exception}
        return failed(_("It raised %(came)s, and %(wanted)s was expected.", **kinds), given, expected, told.traceback)
    if task.message is not None and not texts.is_same_text(task.message, told.message, STRICT):
        return failed(_("The %(error)s says something else.", error=told.kinds[0]), given, expected, told.sentence)
    return passed(given)


def judge_code(task: CodeTask, found: dict[str, list[str]]) -> Verdict:
    """`found` tells for each name the places where it is used."""
    rules = [f"must use: {name}" for name in task.must_use] + [f"must not use: {name}" for name in task.must_not_use]
    given = "\n".join(rules)
    for name in task.must_use:
        if not found[name]:
            return failed(_("Your program does not use `%(name)s`.", name=name), given)
    for name in task.must_not_use:
        if found[name]:
            return failed(_("Your program uses `%(name)s`.", name=name), given, actual="\n".join(found[name]))
    for name in hiding(task):
        if found[name]:
            reason = _("Your program uses `%(name)s`, which could hide anything.", name=name)
            return failed(reason, given, actual="\n".join(found[name]))
    return passed(given)


def hiding(task: CodeTask) -> list[str]:
    """What may not be used besides, since it could hide what must not be; unless the test asks for it."""
    return [name for name in HIDING if task.must_not_use and name not in task.must_use]


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

"""Exercises of the original IVLE, from its XML to our text, by meaning (ADR 0083). For `python -m exercises import`.

The original never said what is expected: it ran the solution beside each attempt. So the solution is run once, in a
jail, and what it does is written down.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from exercises import jails, judging, values
from exercises.jails import Place, Ran
from exercises.marking import as_bytes, as_sent
from exercises.python2 import as_python3
from exercises.reading import MAIN

OUTPUTS = ("stdout", "stderr", "file", "return", "exception")
PLAIN_NORMS = {**dict.fromkeys(("", "id", "None", "int", "float", "str", "str.strip"), ""), "str.lower": "ignore case"}
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`"}
DEPTH_MAX = 100
FILL_IN = "FILL IN: what is expected here"


class NoExercise(Exception):
    """The file is none of the original's. The text says why."""


@dataclass(frozen=True)
class Look:
    """One of the things a test of the original compared."""

    at: str  # "stdout", "stderr", "return", "exception", "code", or "file NAME"
    by: str = ""  # Python: a function of one text, or of two where it is a check
    is_check: bool = False


@dataclass(frozen=True)
class Case:
    title: str
    function: str = ""
    arguments: tuple[str, ...] = ()  # as Python
    stdin: str = ""
    files: dict[str, str] = field(default_factory=dict)
    variables: tuple[tuple[str, str], ...] = ()
    looks: tuple[Look, ...] = ()

    @property
    def call(self) -> str:
        lines = [f"{name} = {value}" for name, value in self.variables]
        return "\n".join([*lines, f"{self.function}({', '.join(self.arguments)})"])


@dataclass(frozen=True)
class Original:
    title: str
    text: str
    partial: str
    solution: str
    include: str
    cases: tuple[Case, ...]
    notes: tuple[str, ...]  # what has no counterpart here


def read_original(data: bytes) -> Original:
    """In whatever encoding it says. Raises NoExercise."""
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - expat has refused entity bombs since 2.4.1
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last two: of an encoding
        raise NoExercise(f"it is no XML: {error}") from error
    if is_deep(root):
        raise NoExercise(f"its elements are nested more than {DEPTH_MAX} deep")
    if root.tag not in ("exercise", "problem"):
        raise NoExercise(f"it is a <{root.tag}>, and not an <exercise>")
    notes: list[str] = []
    cases = [case for element in root if element.tag in ("case", "suite") for case in read_case(element, notes)]
    described = root.find("desc") if root.find("desc") is not None else root.find("description")
    return Original(
        title=root.get("name", "").strip() or "Exercise",
        text="" if described is None else as_markdown(described),
        partial=code_in(root, "partial"),
        solution=code_in(root, "solution"),
        include=code_in(root, "include"),
        cases=tuple(cases),
        notes=tuple(notes),
    )


def is_deep(root: Element) -> bool:
    level = [root]
    for _ in range(DEPTH_MAX):
        level = [child for element in level for child in element]
    return bool(level)


def read_case(element: Element, notes: list[str]) -> list[Case]:
    """One for each function of it: each was shown, passed or failed, on its own."""
    name = element.get("name", "").strip() or "a test"
    function = element.get("function", "")
    variables = tuple((one.get("name", ""), one.get("value", "None")) for one in element.findall("var"))
    if variables and not function:
        notes.append(f"{name}: a program cannot be given variables; let it read them with input()")
    case = Case(
        title=name,
        function=function,
        arguments=tuple(argument_of(one) for one in element.findall("arg")),
        stdin=text_of(element.find("stdin")),
        files={one.get("name", ""): text_of(one).lstrip("\n") for one in element.findall("file")},
        variables=variables if function else (),
    )
    found = []
    for look in element.findall("function"):
        looks = tuple(look_of(one) for one in look if one.tag in (*OUTPUTS, "code"))
        if look.get("default", "match") == "match":
            looks += (Look("return" if function else "stdout"),)
        title = look.get("desc") or look.get("pass") or ""
        if any(one.at == "code" for one in looks):
            notes.append(f"{name}: {title}: it looks at the code; say so with `must use` or `must not use`")
        looks = tuple(one for one in looks if one.at != "code")
        if looks:
            found.append(Case(**{**vars(case), "title": f"{name}: {title}" if title else name, "looks": looks}))
    return found


def argument_of(element: Element) -> str:
    value = element.get("value") or text_of(element).strip() or "None"
    return f"{element.get('name')}={value}" if element.get("name") else value


def look_of(element: Element) -> Look:
    at = f"file {element.get('name', '')}" if element.tag == "file" else element.tag
    return Look(at, text_of(element).strip(), element.get("type", "norm") == "check")


def text_of(element: Element | None) -> str:
    return "" if element is None or element.text is None else element.text


def code_in(root: Element, tag: str) -> str:
    code = textwrap.dedent(text_of(root.find(tag))).strip("\n")
    return f"{as_python3(code)}\n" if code.strip() else ""


def as_markdown(element: Element) -> str:
    """Of the little HTML that descriptions have."""
    pieces = [element.text or ""]
    for child in element:
        inner = as_markdown(child)
        mark = MARKS.get(child.tag, "")
        beginning = "\n- " if child.tag == "li" else "\n\n" if child.tag in ("p", "ol", "ul", "pre") else ""
        pieces += [beginning, mark + inner + mark if inner else "", child.tail or ""]
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(pieces))
    return re.sub(r"\n\n+", "\n\n", text).strip()


async def import_original(original: Original, place: Place | None) -> str:
    """The text. Without a place to run the solution in, what is expected is left to be filled in."""
    did = [await run_solution(original, case, place) if place else None for case in original.cases]
    return as_text(original, did)


async def run_solution(original: Original, case: Case, place: Place) -> Ran | None:
    """What the solution did; None where it did nothing that can be expected."""
    files = as_sent(as_bytes({**case.files, MAIN: original.solution}))
    written = [look.at.removeprefix("file ") for look in case.looks if look.at.startswith("file ")]
    work = {"files": files, "main": MAIN, "stdin": case.stdin, "arguments": [], "written": written}
    work |= {"module": "main", "code": case.call}
    ran = await jails.run(place, "attempt", "call" if case.function else "program", work, place.limits)
    ended_well = ran.outcome.exit_status == 0 and "import" not in ran.answer
    return ran if ended_well or "exception" in {look.at for look in case.looks} else None


def as_text(original: Original, did: Sequence[Ran | None]) -> str:
    parts = [f"# {original.title}", original.text]
    if original.partial:
        parts.append("## Code\n\n" + block("python", original.partial))
    parts.append("## Solution\n\n" + block("python", original.solution))
    titles: set[str] = set()
    for case, ran in zip(original.cases, did, strict=True):
        title = unused(case.title, titles)
        titles.add(title)
        parts.append(test_text(original, case, title, ran))
    return "\n\n".join(part for part in parts if part) + "\n"


def unused(title: str, taken: set[str]) -> str:
    number, found = 2, title
    while found in taken:
        number, found = number + 1, f"{title} ({number})"
    return found


def test_text(original: Original, case: Case, title: str, ran: Ran | None) -> str:
    norms = {PLAIN_NORMS.get(look.by) for look in case.looks if not look.is_check}
    compare = ", ".join(sorted(norm for norm in norms if norm))
    parts = [f"## Test: {title}"] + ([f"- compare: {compare}"] if compare else [])
    blocks = [block("call", case.call)] if case.function else []
    blocks += [block("input", case.stdin)] if case.stdin else []
    blocks += [block(f"file {name}", content) for name, content in case.files.items()]
    odd = [look for look in case.looks if look.is_check or look.by not in PLAIN_NORMS]
    if odd:
        blocks.append(block("checker", checker_text(original, odd, ran)))
    else:
        expected = {kind: text for look in case.looks for kind, text in [expectation(look.at, ran)]}
        blocks += [block(kind, text) for kind, text in expected.items()]
    return "\n\n".join(parts) + "\n\n" + "\n".join(blocks)


def expectation(at: str, ran: Ran | None) -> tuple[str, str]:
    """The kind of a block, and what is in it."""
    if at.startswith("file "):
        files = ran.answer.get("files", {}) if ran else {}
        name = at.removeprefix("file ")
        return f"written {name}", text_in(files.get(name))
    if at == "exception":
        return "exception", ran.answer["raised"]["kinds"][0] if ran and "raised" in ran.answer else FILL_IN
    if at == "return":
        return "value", values.shown(ran.answer["value"], 100_000) if ran and "value" in ran.answer else FILL_IN
    kind = "errors" if at == "stderr" else "output"
    return kind, (ran.stderr if at == "stderr" else ran.stdout) if ran else FILL_IN


def text_in(content: object) -> str:
    return judging.as_text(content) if isinstance(content, str) else FILL_IN


def checker_text(original: Original, looks: Sequence[Look], ran: Ran | None) -> str:
    """The original's own functions, with what it gave them: the solution's text first, then the attempt's."""
    lines = [original.include, "def check(ran):"]
    for look in looks:
        kind, text = expectation(look.at, ran)
        expected = text if kind == "value" else repr(text)
        actual = {"value": "ran.value", "errors": "ran.errors", "output": "ran.output"}.get(kind, "None")
        if kind.startswith("written "):
            actual = f"ran.files.get({kind.removeprefix('written ')!r}, '')"
        lines.append(f"    function = {look.by or 'lambda text: text'}")
        test = f"function({expected}, {actual})" if look.is_check else f"function({expected}) == function({actual})"
        lines += [f"    if not {test}:", "        return False"]
    return "\n".join([*(line for line in lines if line), "    return True"])


def block(kind: str, text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    text = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{fence}{kind}\n{text}{fence}"

"""Reads an exercise from its text, or says what is wrong with it by line. docs/exercises.md shows every kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from exercises import settings
from exercises.exercise import Exercise, Hint, Policy, Test, is_file_name
from exercises.faults import Fault, Faults
from exercises.sections import Cut, Section, Setting, cut
from exercises.testing import read_tests

MAIN = "main.py"
TEXT_MAX_CHARACTERS = 1_000_000
FILES_MAX, FILES_MAX_BYTES = 50, 4 * 1024 * 1024
TESTS_MAX = 200
HINT = re.compile(r"hint(?: after (?P<tries>[0-9]{1,4}) (?:try|tries))?", re.IGNORECASE)
TEST = re.compile(r"test:\s*(?P<title>.*)", re.IGNORECASE)
CODE, FILES, SOLUTION = ("code", "starting code"), ("files",), ("solution",)
Value = TypeVar("Value")

__all__ = ["Fault", "Faults", "read"]


def read(name: str, text: str, given: Mapping[str, bytes] | None = None) -> Exercise:
    """`given` are files that lie beside every submission. Raises Faults."""
    return Reader(name, text, given or {}).read()


def is_ours(heading: str) -> bool:
    kind = heading.lower()
    return kind in CODE + FILES + SOLUTION or bool(HINT.fullmatch(kind) or TEST.fullmatch(kind))


class Reader:
    def __init__(self, name: str, text: str, given: Mapping[str, bytes]) -> None:
        self.name = name
        self.text = text
        self.given = dict(given)
        self.faults: list[Fault] = []
        self.cut: Cut = cut(text[:TEXT_MAX_CHARACTERS], is_ours)

    def read(self) -> Exercise:
        if len(self.text) > TEXT_MAX_CHARACTERS:
            raise Faults([Fault(1, f"the text has more than {TEXT_MAX_CHARACTERS} characters")])
        if self.cut.unclosed_front is not None:
            reason = "the settings above the title never end: a second line with only --- is missing"
            raise Faults([Fault(self.cut.unclosed_front, reason)])
        if self.cut.unclosed is not None:
            raise Faults([Fault(self.cut.unclosed, "this block never ends: a line with only ``` is missing")])
        policy, points = self.read_front()
        if not self.cut.title:
            self.fault(1, "the title is missing: a line that begins with `# `")
        files = self.read_files(CODE) or {MAIN: ""}
        for name, content in self.read_files(FILES, kind="file").items():
            self.given[name] = content.encode()
        solution = self.read_solution(next(iter(files)))
        hints = self.read_hints()
        tests = self.read_tests(points)
        self.find_unknown()
        if sum(len(content) for content in self.given.values()) > FILES_MAX_BYTES or len(self.given) > FILES_MAX:
            self.fault(1, f"more than {FILES_MAX} files, or more than {FILES_MAX_BYTES >> 20} MiB, lie beside it")
        if self.faults:
            raise Faults(self.faults)
        text = self.cut.beginning.text
        return Exercise(self.name, self.cut.title, text, files, solution, self.given, tests, hints, policy)

    def fault(self, line: int, reason: str) -> None:
        self.faults.append(Fault(line, reason))

    def value(self, setting: Setting, reader: Callable[[str], Value], fallback: Value) -> Value:
        try:
            return reader(setting.value)
        except ValueError as error:
            self.fault(setting.line, str(error))
            return fallback

    def read_front(self) -> tuple[Policy, float | None]:
        """The policy, and the points of the whole where they are set."""
        chosen: dict[str, Any] = {}
        points = None
        for setting in self.cut.front:
            if setting.name == "points":
                points = self.value(setting, settings.points, 1.0)
            elif setting.name == "attempts":
                chosen["attempts_max"] = self.value(setting, lambda text: settings.whole(text, 10_000, "`attempts`"), 1)
            elif setting.name == "counts":
                chosen["counts"] = self.value(setting, settings.counts, Policy.counts)
            elif setting.name == "penalty":
                chosen["penalty_percent"] = self.value(setting, settings.percent, 0.0)
            elif setting.name == "late":
                chosen["late"] = self.value(setting, settings.late, Policy.late)
            else:
                known = "points, attempts, counts, penalty, late"
                self.fault(setting.line, f"{setting.name!r} is no setting of an exercise; there are: {known}")
        return Policy(**chosen), points

    def sections(self, headings: tuple[str, ...]) -> list[Section]:
        found = [section for section in self.cut.sections if section.heading.lower() in headings]
        for again in found[1:]:
            self.fault(again.line, f"there is a section `{again.heading}` already")
        return found[:1]

    def read_files(self, headings: tuple[str, ...], kind: str = "python") -> dict[str, str]:
        files: dict[str, str] = {}
        for section in self.sections(headings):
            for block in section.blocks:
                name = block.name or (MAIN if kind == "python" and not files else "")
                if not is_file_name(name):
                    self.fault(block.line, f"a file needs a name: ```{block.kind or kind} NAME")
                elif name in files:
                    self.fault(block.line, f"there is a file {name} already")
                # A box would show the end of the last line as an empty one.
                files[name] = block.text.removesuffix("\n") if kind == "python" else block.text
        return files

    def read_solution(self, main: str) -> dict[str, str]:
        sections = self.sections(SOLUTION)
        if not sections or not sections[0].blocks:
            line = sections[0].line if sections else self.cut.title_line
            self.fault(line, "there is no solution: a section `## Solution` with a block of code")
            return {}
        files: dict[str, str] = {}
        for block in sections[0].blocks:
            files[block.name or main] = block.text
        if main not in files:
            self.fault(sections[0].line, f"the solution has no {main}, the file that is run")
        return {main: files.pop(main, ""), **files}

    def read_hints(self) -> tuple[Hint, ...]:
        hints = []
        for section in self.cut.sections:
            found = HINT.fullmatch(section.heading)
            if found:
                hints.append(Hint(int(found["tries"] or 1), section.text))
                if not section.text:
                    self.fault(section.line, "this hint is empty")
        return tuple(sorted(hints, key=lambda hint: hint.after_tries))

    def read_tests(self, points: float | None) -> tuple[Test, ...]:
        headings = ((TEST.fullmatch(section.heading), section) for section in self.cut.sections)
        titled = [(heading["title"], section) for heading, section in headings if heading]
        tests, faults = read_tests(titled, points)
        self.faults += faults
        if not titled:
            self.fault(self.cut.title_line, "there is no test: a section that begins with `## Test: `")
        if len(tests) > TESTS_MAX:
            self.fault(tests[TESTS_MAX].line, f"more than {TESTS_MAX} tests")
        return tests

    def find_unknown(self) -> None:
        for section in self.cut.sections:
            if not is_ours(section.heading):
                known = "Code, Files, Solution, Hint after 3 tries, Test: title"
                self.fault(section.line, f"`{section.heading}` is no section of an exercise; there are: {known}")

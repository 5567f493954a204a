"""What the section of a test says: its settings and blocks, before it is known what kind of test that makes. Used by
testing.py."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from exercises import settings
from exercises.exercise import Bounds, Comparison, is_file_name
from exercises.faults import Fault
from exercises.sections import Block, Section, Setting


@dataclass
class Found:
    """What one section says, before it is known what kind of test it is."""

    title: str
    section: Section
    faults: list[Fault] = field(default_factory=list)
    hidden: bool = False
    points: float = 1.0
    bounds: Bounds = field(default_factory=Bounds)
    comparison: Comparison = field(default_factory=Comparison)
    checker: str | None = None
    arguments: tuple[str, ...] | None = None
    exit_status: int | None = 0
    has_exit: bool = False
    must_use: tuple[str, ...] = ()
    must_not_use: tuple[str, ...] = ()
    texts: dict[str, Block] = field(default_factory=dict)  # of blocks that can be there once
    files: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    steps: list[Block] = field(default_factory=list)

    def fault(self, line: int, reason: str) -> None:
        self.faults.append(Fault(line, reason))

    def text(self, kind: str) -> str | None:
        block = self.texts.get(kind)
        return None if block is None else block.text


def find(title: str, section: Section) -> Found:
    found = Found(title, section)
    read_settings(found)
    read_blocks(found)
    if not title:
        found.fault(section.line, "this test needs a title, which students see: `## Test: ...`")
    return found


def read_settings(found: Found) -> None:
    for line in found.section.strays:
        found.fault(line, "in a test there are only `- setting: value` and blocks between ```")
    for setting in found.section.settings:
        reader = SETTINGS.get(setting.name)
        if reader is None:
            found.fault(setting.line, f"{setting.name!r} is no setting of a test; there are: {', '.join(SETTINGS)}")
            continue
        try:
            reader(found, setting)
        except ValueError as error:
            found.fault(setting.line, str(error))


def on_hidden(found: Found, setting: Setting) -> None:
    if setting.value not in ("", "yes", "no"):
        raise ValueError("`hidden` stands alone")
    found.hidden = setting.value != "no"


def on_points(found: Found, setting: Setting) -> None:
    found.points = settings.points(setting.value)


def on_time(found: Found, setting: Setting) -> None:
    found.bounds = replace(found.bounds, cpu_seconds=settings.cpu_seconds(setting.value))


def on_memory(found: Found, setting: Setting) -> None:
    found.bounds = replace(found.bounds, memory_bytes=settings.memory_bytes(setting.value))


def on_compare(found: Found, setting: Setting) -> None:
    found.comparison = settings.comparison(setting.value)


def on_arguments(found: Found, setting: Setting) -> None:
    found.arguments = tuple(shlex.split(setting.value))


def on_exit(found: Found, setting: Setting) -> None:
    found.exit_status, found.has_exit = settings.exit_status(setting.value), True


def on_must_use(found: Found, setting: Setting) -> None:
    found.must_use += settings.names(setting.value)


def on_must_not_use(found: Found, setting: Setting) -> None:
    found.must_not_use += settings.names(setting.value)


SETTINGS: dict[str, Callable[[Found, Setting], None]] = {
    "hidden": on_hidden,
    "points": on_points,
    "compare": on_compare,
    "time": on_time,
    "memory": on_memory,
    "arguments": on_arguments,
    "exit": on_exit,
    "must use": on_must_use,
    "must not use": on_must_not_use,
}
ONCE = ("input", "output", "errors", "call", "calls", "value", "exception", "checker")
NAMED = ("file", "written")
STEPS = ("request", "response", "body")


def read_blocks(found: Found) -> None:
    for block in found.section.blocks:
        if block.kind in NAMED:
            files = found.files if block.kind == "file" else found.written
            if not is_file_name(block.name):
                found.fault(block.line, f"a file needs a name: ```{block.kind} NAME")
            files[block.name] = block.text
        elif block.kind in STEPS:
            found.steps.append(block)
        elif block.kind not in ONCE:
            known = ", ".join(ONCE + NAMED + STEPS)
            found.fault(block.line, f"{block.kind!r} is no block of a test; there are: {known}")
        elif block.kind in found.texts:
            found.fault(block.line, f"there is a block `{block.kind}` already")
        else:
            found.texts[block.kind] = block
    checker = found.texts.get("checker")
    if checker is not None:
        found.checker = checker.text
        read_checker(found, checker)
    if found.comparison.is_pattern:
        for kind in ("output", "errors", "value"):
            read_pattern(found, found.texts.get(kind))


def read_checker(found: Found, block: Block) -> None:
    try:
        tree = ast.parse(block.text)
    except SyntaxError as error:
        found.fault(block.line + (error.lineno or 0), f"the checker is no Python: {error.msg}")
        return
    if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
        found.fault(block.line, "the checker has no function `check`")


def read_pattern(found: Found, block: Block | None) -> None:
    if block is None or block.kind == "value":
        return
    try:
        re.compile(block.text.removesuffix("\n"))
    except re.error as error:
        found.fault(block.line + 1, f"this is no regular expression: {error}")

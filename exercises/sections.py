"""Cuts the text of an exercise into its front matter and sections, and those into settings and fenced blocks.

Knows nothing of what they mean: that is reading.py's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)")
HEADING = re.compile(r"(?P<level>#{1,2})\s+(?P<text>.*?)\s*#*\s*")
SETTING = re.compile(r"[-*]\s+(?P<name>[^:]+?)\s*(?::\s*(?P<value>.*?))?\s*")
FRONT = re.compile(r"(?P<name>[a-z][a-z ]*?)\s*:\s*(?P<value>.*?)\s*")
FRONT_MARK = "---"


@dataclass(frozen=True)
class Setting:
    line: int
    name: str  # in lower case
    value: str  # "" of a flag


@dataclass(frozen=True)
class Block:
    line: int
    kind: str  # the first word after the fence, in lower case
    name: str  # the rest of that line
    text: str  # with a final newline, unless there is no line


@dataclass
class Section:
    line: int
    heading: str
    settings: list[Setting] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)  # lines that are neither
    lines: list[str] = field(default_factory=list)  # all of it, as it was written

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


@dataclass
class Cut:
    front: list[Setting]
    title: str
    title_line: int
    beginning: Section  # what stands before the first section
    sections: list[Section]
    unclosed: int | None = None  # the line of a fence that never ends
    unclosed_front: int | None = None  # the line where settings of the whole begin that never end


def cut(text: str, begins_section: Callable[[str], bool]) -> Cut:
    """`begins_section` says of a heading of the second level whether it is one of ours."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    begun = next((number for number, line in enumerate(lines) if line.strip()), 0)  # what is above is empty
    front, start = read_front(lines, begun)
    found = Cut(front, "", start + 1, Section(start + 1, ""), [])
    if not start and lines[begun].rstrip() == FRONT_MARK:
        found.unclosed_front = begun + 1
    section = found.beginning
    rows = iter(enumerate(lines[start:], start + 1))
    for number, line in rows:
        heading = HEADING.fullmatch(line)
        if heading and not found.title and heading["level"] == "#":
            found.title, found.title_line = heading["text"], number
            continue
        if heading and heading["level"] == "##" and (found.sections or begins_section(heading["text"])):
            section = Section(number, heading["text"])
            found.sections.append(section)
            continue
        section.lines.append(line)
        fence = FENCE.fullmatch(line)
        if fence:
            if not read_block(section, number, fence, rows):
                found.unclosed = number
        elif setting := SETTING.fullmatch(line):
            section.settings.append(Setting(number, setting["name"].lower(), setting["value"] or ""))
        elif line.strip():
            section.strays.append(number)
    return found


def read_front(lines: list[str], begun: int) -> tuple[list[Setting], int]:
    """The settings between two lines of dashes at the very top, and the index of the line after them; 0 for none."""
    if lines[begun].rstrip() != FRONT_MARK:
        return [], 0
    settings: list[Setting] = []
    for number, line in enumerate(lines[begun + 1 :], begun + 2):
        if line.rstrip() == FRONT_MARK:
            return settings, number
        found = FRONT.fullmatch(line)
        if found:
            settings.append(Setting(number, found["name"], found["value"]))
        elif line.strip():
            settings.append(Setting(number, line.strip(), ""))
    return [], 0


def read_block(section: Section, number: int, fence: re.Match[str], rows: Iterator[tuple[int, str]]) -> bool:
    """False when it never ends."""
    end = re.compile(rf" {{0,3}}{fence['mark'][0]}{{{len(fence['mark'])},}}\s*")
    kind, _, name = fence["info"].strip().partition(" ")
    content: list[str] = []
    for _, line in rows:
        section.lines.append(line)
        if end.fullmatch(line):
            text = "".join(f"{line}\n" for line in content)
            section.blocks.append(Block(number, kind.lower(), name.strip(), text))
            return True
        content.append(line)
    return False

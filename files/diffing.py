"""What changed between two texts, as a unified diff, in bounded time however they were made. Pure; for versions_api.py.

The standard library's difflib takes minutes for some texts of a few thousand lines, and everybody would wait with it.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

SIDE_MAX_BYTES: Final = 2 * 1024 * 1024  # as the editor takes them
LINES_MAX: Final = 50_000
DIFF_MAX_CHARACTERS: Final = 1024 * 1024
EDITS_MAX: Final = 1500
SECONDS_MAX: Final = 0.5
CONTEXT_LINES: Final = 3
NO_NEWLINE: Final = "\n\\ No newline at end of file\n"
Opcode = tuple[str, int, int, int, int]  # as difflib's: what to do, which lines before, which lines after


@dataclass(frozen=True)
class Diff:
    """`text` is empty where nothing changed, and where `binary` or `too_large` says that there is none."""

    text: str = ""
    binary: bool = False
    too_large: bool = False
    truncated: bool = False


def compare(before: bytes, after: bytes, before_name: str, after_name: str) -> Diff:
    if b"\0" in before or b"\0" in after:
        return Diff(binary=True)
    if max(len(before), len(after)) > SIDE_MAX_BYTES or max(before.count(b"\n"), after.count(b"\n")) > LINES_MAX:
        return Diff(too_large=True)
    text = "".join(unified(lines_of(before), lines_of(after), before_name, after_name))
    return Diff(text[:DIFF_MAX_CHARACTERS], truncated=len(text) > DIFF_MAX_CHARACTERS)


def lines_of(content: bytes) -> list[str]:
    """Split at line feeds alone, so that a change of line ends is seen."""
    lines = content.decode("utf-8", "replace").split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def unified(before: list[str], after: list[str], before_name: str, after_name: str) -> Iterator[str]:
    matcher: SequenceMatcher[str] = SequenceMatcher(None, "", "")  # only to group what was found below
    matcher.opcodes = opcodes(before, after)  # type: ignore[attr-defined]
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT_LINES)):
        if number == 0:
            yield f"--- {before_name}\n+++ {after_name}\n"
        yield f"@@ -{extent(group[0][1], group[-1][2])} +{extent(group[0][3], group[-1][4])} @@\n"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from marked(" ", before[start:end])
            else:
                yield from marked("-", before[start:end])
                yield from marked("+", after[new_start:new_end])


def extent(start: int, end: int) -> str:
    """As `diff -u` writes it: counted from 1; a length of 1 is left out, and of 0 belongs to the line before."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + 1 if length else start},{length}"


def marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + (line if line.endswith("\n") else line + NO_NEWLINE)


def opcodes(before: list[str], after: list[str]) -> list[Opcode]:
    """What is the same at both ends is the same; between them as few edits as can be found in the time."""
    shorter = min(len(before), len(after))
    head = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    rest = shorter - head
    tail = next((index for index in range(rest) if before[-1 - index] != after[-1 - index]), rest)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    pairs = [(head + at, head + to, length) for at, to, length in runs(same_lines(old, new))]
    codes: list[Opcode] = []
    here = there = 0
    for at, to, length in [
        (0, 0, head),
        *pairs,
        (len(before) - tail, len(after) - tail, tail),
        (len(before), len(after), 0),
    ]:
        if here < at or there < to:
            tag = "replace" if here < at and there < to else "delete" if here < at else "insert"
            codes.append((tag, here, at, there, to))
        if length:
            codes.append(("equal", at, at + length, to, to + length))
        here, there = at + length, to + length
    return codes


def runs(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Pairs of equal lines, those that follow each other as one: where in the one, where in the other, how many."""
    start = 0
    for index in range(1, len(pairs) + 1):
        step = pairs[index - 1]
        if index == len(pairs) or pairs[index] != (step[0] + 1, step[1] + 1):
            yield (*pairs[start], index - start)
            start = index


def same_lines(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Eugene Myers, An O(ND) Difference Algorithm (1986): pairs of lines that stay. None where it takes long."""
    if not before or not after:
        return []
    numbers = {line: number for number, line in enumerate({*before, *after})}
    old, new = [numbers[line] for line in before], [numbers[line] for line in after]
    deadline = time.monotonic() + SECONDS_MAX
    most = min(len(old) + len(new), EDITS_MAX)
    reached = [0] * (2 * most + 3)  # on each diagonal, how far into `old` one gets; the last ones are the negative ones
    history: list[array[int]] = []
    for edits in range(most + 1):
        history.append(array("i", [reached[diagonal] for diagonal in range(-edits - 1, edits + 2)]))
        for diagonal in range(-edits, edits + 1, 2):
            came_from = origin(edits, diagonal, reached[diagonal - 1], reached[diagonal + 1])
            at = reached[came_from] + (came_from < diagonal)
            to = at - diagonal
            while at < len(old) and to < len(new) and old[at] == new[to]:
                at, to = at + 1, to + 1
            reached[diagonal] = at
            if at >= len(old) and to >= len(new):
                return trace(history, len(old), len(new))
        if time.monotonic() > deadline:
            break
    return []


def origin(edits: int, diagonal: int, below: int, above: int) -> int:
    """The neighbouring diagonal from which this one is reached: an inserted line comes from above, else from below."""
    inserted = diagonal == -edits or (diagonal != edits and below < above)
    return diagonal + 1 if inserted else diagonal - 1


def trace(history: list[array[int]], at: int, to: int) -> list[tuple[int, int]]:
    """Back along the way that was found."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        reached, middle, diagonal = history[edits], edits + 1, at - to
        came_from = origin(edits, diagonal, reached[middle + diagonal - 1], reached[middle + diagonal + 1])
        before = reached[middle + came_from]
        start = before + (came_from < diagonal) if edits else 0
        pairs.extend((line, line - diagonal) for line in range(at - 1, start - 1, -1))
        at, to = before, before - came_from
    return pairs[::-1]

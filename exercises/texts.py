"""Compares texts that programs print with what is expected, and shows where they differ. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from itertools import zip_longest

from exercises.exercise import Comparison
from exercises.report import EXTRA, MISSING, SAME

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?")
SHOWN_MAX_CHARACTERS = 4_000
DIFF_MAX_LINES, DIFF_LINE_MAX_CHARACTERS, CONTEXT_LINES = 100, 200, 3
LINES_COMPARED_MAX = 400


def is_same_text(expected: str, actual: str, how: Comparison) -> bool:
    if how.is_exact:
        return expected == actual
    first, second = normal(expected, how), normal(actual, how)
    if how.within is None:
        return first == second
    return len(first) == len(second) and all(map(is_near_line, first, second, [how.within] * len(first)))


def normal(text: str, how: Comparison) -> list[str]:
    """Its lines, without what does not count."""
    if how.ignores_case:
        text = text.casefold()
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if how.ignores_space:
        lines = [" ".join(line.split()) for line in lines if line.strip()]
        if not how.ignores_order:
            lines = [" ".join(lines)]
    return sorted(lines, key=lambda line: line_order(line, how)) if how.ignores_order else lines


def line_order(line: str, how: Comparison) -> tuple[str, list[float]]:
    """By the words first where numbers need not be the same."""
    if how.within is None:
        return line, []
    return NUMBER.sub("#", line), [float(found) for found in NUMBER.findall(line)]


def is_near_line(expected: str, actual: str, within: float) -> bool:
    if NUMBER.split(expected) != NUMBER.split(actual):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(actual), strict=True)
    return all(first == second or abs(float(first) - float(second)) <= within for first, second in pairs)


def first_difference(expected: str, actual: str, how: Comparison) -> int:
    """The line, from 1, where they part, as a reader counts lines."""
    lines = [normal(text, Comparison(ignores_case=how.ignores_case)) for text in (expected, actual)]
    for number, (first, second) in enumerate(zip_longest(*lines), 1):
        if first != second:
            return number
    return 1


def difference(expected: str, actual: str) -> tuple[tuple[str, str], ...]:
    """Signs and lines, cut to what a page can show."""
    first, second = (text.splitlines()[:LINES_COMPARED_MAX] for text in (expected, actual))
    first, second = ([cut(line, DIFF_LINE_MAX_CHARACTERS) for line in lines] for lines in (first, second))
    rows: list[tuple[str, str]] = []
    for tag, low, high, other_low, other_high in difflib.SequenceMatcher(None, first, second).get_opcodes():
        if tag == "equal":
            rows += [(SAME, line) for line in shortened(first[low:high], is_first=not rows)]
        else:
            rows += [(MISSING, line) for line in first[low:high]]
            rows += [(EXTRA, line) for line in second[other_low:other_high]]
    return tuple(rows[:DIFF_MAX_LINES])


def shortened(lines: Sequence[str], *, is_first: bool) -> list[str]:
    """Of lines that are the same, those beside a difference."""
    if len(lines) <= 2 * CONTEXT_LINES:
        return list(lines)
    beginning = [] if is_first else list(lines[:CONTEXT_LINES])
    return [*beginning, "...", *lines[-CONTEXT_LINES:]]


def cut(text: str, most: int = SHOWN_MAX_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."

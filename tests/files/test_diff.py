"""The difference of two texts: right, smallest where it can be, and in bounded time where it cannot."""

from __future__ import annotations

import random
import subprocess
import time

import pytest

from files import diffing
from files.diffing import compare, lines_of, opcodes


def test_what_changed() -> None:
    before, after = b"a\nb\nc\nd\ne\nf\ng\nh\n", b"a\nb\nc\nD\ne\nf\ng\nh\ni\n"
    assert compare(before, after, "old", "new").text.splitlines() == [
        "--- old", "+++ new", "@@ -1,8 +1,9 @@", " a", " b", " c", "-d", "+D", " e", " f", " g", " h", "+i",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (b"", b"", ""),
        (b"same\n", b"same\n", ""),
        (b"", b"a\n", "--- o\n+++ n\n@@ -0,0 +1 @@\n+a\n"),
        (b"a\n", b"", "--- o\n+++ n\n@@ -1 +0,0 @@\n-a\n"),
        (b"a", b"a\n", "--- o\n+++ n\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
        (b"a\r\n", b"a\n", "--- o\n+++ n\n@@ -1 +1 @@\n-a\r\n+a\n"),
    ],
)
def test_ends(before, after, text) -> None:
    assert compare(before, after, "o", "n").text == text


def test_no_text_has_no_difference() -> None:
    assert compare(b"a\0b", b"a", "o", "n") == diffing.Diff(binary=True)


@pytest.mark.parametrize("content", [b"x" * (diffing.SIDE_MAX_BYTES + 1), b"\n" * (diffing.LINES_MAX + 1)])
def test_what_is_too_large_is_not_compared(content) -> None:
    assert compare(b"a", content, "o", "n").too_large


def test_a_long_difference_is_cut() -> None:
    diff = compare(b"", b"line\n" * 40_000 + b"x" * 1_500_000, "o", "n")
    assert diff.truncated
    assert len(diff.text) == diffing.DIFF_MAX_CHARACTERS


def test_patch_makes_the_one_out_of_the_other(tmp_path) -> None:
    """Of any two texts, by the program that everybody has."""
    dice = random.Random(4)
    for _ in range(25):
        before = "".join(dice.choice("abc") + "\n" for _ in range(dice.randrange(1, 60)))
        after = "".join(dice.choice([line, line, line, "x\n", ""]) for line in lines_of(before.encode()))
        (tmp_path / "file").write_text(before)
        text = compare(before.encode(), after.encode(), "file", "file").text
        subprocess.run(["patch", "-s", tmp_path / "file"], input=text.encode(), check=True)
        assert not (tmp_path / "file").exists() if not after else (tmp_path / "file").read_text() == after


def test_it_is_the_smallest() -> None:
    """Against the longest common subsequence, by the book."""
    dice = random.Random(7)
    for _ in range(300):
        before, after = ([dice.choice("abc") for _ in range(dice.randrange(10))] for _ in range(2))
        longest = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
        for row, old in enumerate(before):
            for column, new in enumerate(after):
                longest[row + 1][column + 1] = (
                    longest[row][column] + 1 if old == new else max(longest[row][column + 1], longest[row + 1][column])
                )
        codes = opcodes(before, after)
        assert sum(end - start for tag, start, end, *_ in codes if tag == "equal") == longest[-1][-1]
        made = [line for tag, a, b, c, d in codes for line in (before[a:b] if tag == "equal" else after[c:d])]
        assert made == after


def test_texts_made_to_take_long_do_not() -> None:
    """difflib takes more than a minute for these."""
    started = time.monotonic()
    diff = compare(b"a\n" * 20_000, b"a\nb\n" * 10_000, "o", "n")
    assert diff.text
    assert time.monotonic() - started < 30

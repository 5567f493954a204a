"""Sizes as people read them, the same as in the browser (tests/frontend/files_measures.test.mjs)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from files import words
from files.quota import MIB, why_full

SIZES = re.findall(
    r'\[([\d_]+), "([^"]+ (?:bytes?|KB|MB|GB))"\]',
    (Path(__file__).parents[1] / "frontend" / "files_measures.test.mjs").read_text(),
)


def test_the_browser_s_sizes_are_found() -> None:
    assert len(SIZES) > 10


@pytest.mark.parametrize(("count", "expected"), SIZES)
def test_a_size(count, expected) -> None:
    assert words.size(int(count)) == expected


@pytest.mark.parametrize(
    ("more_bytes", "left_bytes", "expected"),
    [
        (1, 0, "Your folder is full: all of its 1 GB are used."),
        (4096, -5 * MIB, "Your folder is full: all of its 1 GB are used."),
        (4097, 4096, "This needs 4 KB more, and of the 1 GB of your folder 4 KB are free."),
        (300 * MIB, 200 * MIB, "This needs 300 MB more, and of the 1 GB of your folder 200 MB are free."),
        (2048 * MIB, 1024 * MIB, "This needs 2 GB, and your folder can have 1 GB in all."),
    ],
)
def test_why_there_is_no_room(more_bytes, left_bytes, expected) -> None:
    assert why_full(more_bytes, left_bytes, 1024 * MIB).startswith(expected)

"""The comment by which a program asks for an environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from files.asked_environment import HEAD_BYTES, asked_environment, asked_in


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"# ivle environment: science\nimport pandas\n", "science"),
        (b"#!/usr/bin/python3\n# -*- coding: utf-8 -*-\n#ivle environment:  py3-12 \r\n", "py3-12"),
        (b"  # ivle environment: a", "a"),
        (b"# ivle environment: ../etc\n", "../etc"),
        (b"# ivle environment:\n", ""),
        (b"# environment: linux\nprint()\n", ""),
        (b"print('# ivle environment: science')\n", ""),
        (b"x = 1  # ivle environment: science\n", ""),
        (b"# ivle environment: " + b"x" * 65 + b"\n", ""),
        (b"# ivle environment: \xff\n", "\N{REPLACEMENT CHARACTER}"),
        (b"", ""),
    ],
)
def test_what_it_names(text: bytes, name: str) -> None:
    assert asked_in(text) == name


def test_only_the_first_lines_are_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_bytes(b"#" * HEAD_BYTES + b"\n# ivle environment: science\n")
    assert asked(file) == ""
    file.write_bytes(b"\n# ivle environment: science\n" + b"#" * HEAD_BYTES)
    assert asked(file) == "science"


def test_one_that_cannot_be_read_asks_for_none() -> None:
    place = os.open(os.devnull, os.O_PATH)
    os.close(place)
    assert asked_environment(place) == ""


def asked(file: Path) -> str:
    place = os.open(file, os.O_PATH)
    try:
        return asked_environment(place)
    finally:
        os.close(place)

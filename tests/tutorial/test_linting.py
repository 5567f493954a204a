"""What is wrong with a whole course before anything of it runs."""

from __future__ import annotations

import pytest

from tutorial.linting import lint


def test_a_course_that_is_well() -> None:
    text = "# T\n\n[next](b.md) ![cat](cat.png)\n\n```exercise double\n```\n"
    assert lint({"a.md": text.encode(), "b.md": b"# B", "cat.png": b"", "exercises/double.md": b"# D"}, "loops") == ()


@pytest.mark.parametrize(
    ("files", "place", "words"),
    [
        ({}, ("", 0), "There is no tutorial in this folder"),
        ({"readme.txt": b""}, ("", 0), "There is no tutorial in this folder"),
        ({"people.md": b"# T"}, ("people.md", 0), "the site has a page there"),
        ({"Bad Name.md": b"# T"}, ("Bad Name.md", 0), "file name is its address"),
        ({"a.md": b"# T\n\n\xff"}, ("a.md", 3), "not text in UTF-8"),
        ({"a.md": b"# T\n\n[x](b.md)"}, ("a.md", 3), "There is no b.md in the course"),
        ({"a.md": b"# T\n\n![x](cat.png)"}, ("a.md", 3), "There is no cat.png in the course"),
        ({"a.md": b"# T\n\n![x](cat.png)", "Cat.PNG": b""}, ("a.md", 3), "There is no cat.png, but Cat.PNG"),
        ({"a.md": b"# T\n\n[x](exercises/b.md)"}, ("a.md", 3), "There is no exercises/b.md"),
        ({"a.md": b"# T\n\n```exercise b\n```"}, ("a.md", 3), "it would be exercises/b.md"),
        ({"a.md": b"# T", "exercises/B.md": b"# T"}, ("exercises/B.md", 0), "exercise’s file name"),
        ({f"a{n}.md": b"# T" for n in range(201)}, ("", 0), "at most 200 tutorials"),
    ],
)
def test_what_is_wrong(files: dict[str, bytes], place: tuple[str, int], words: str) -> None:
    found = lint(files, "loops")
    assert [fault for fault in found if (fault.file, fault.line) == place and words in fault.reason], found


def test_everything_is_told_in_its_order() -> None:
    found = lint({"b.md": b"# T\n\n[x](c.md)\n\n[y](d.md)", "a.md": b"no"}, "loops")
    assert [(fault.file, fault.line) for fault in found] == [("a.md", 1), ("b.md", 3), ("b.md", 5)]

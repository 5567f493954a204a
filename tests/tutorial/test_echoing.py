"""What is printed, against what a page says."""

from __future__ import annotations

import time

import pytest

from tutorial.echoing import is_same


@pytest.mark.parametrize(
    ("actual", "expected", "typed"),
    [
        ("a\n", "a\n", ""),
        ("a  \nb\n\n", "a\nb", ""),
        ("", "", ""),
        ("name? Hello, Sam\n", "name? Sam\nHello, Sam\n", "Sam\n"),
        ("name? Hello, Sam\n", "name? Hello, Sam\n", "Sam\n"),
        ("a? b? 3\n", "a? 1\nb? 2\n3\n", "1\n2\n"),
        ("name? ", "name? Sam\n", "Sam\n"),
        ("? ? aa\n", "? a\n? a\naa", "a\na\n"),
    ],
)
def test_the_same(actual: str, expected: str, typed: str) -> None:
    assert is_same(actual, expected, typed)


@pytest.mark.parametrize(
    ("actual", "expected", "typed"),
    [
        ("a", "b", ""),
        ("a\nb", "a", ""),
        ("", "b", "a"),
        ("? 2\n", "? 1\n1\n2\n", "1\n"),
        ("a? b? 3\n", "a? 2\nb? 1\n3\n", "1\n2\n"),
        ("Hello\n", "Sam\nHello\nSam\n", "Sam\n"),
    ],
)
def test_another(actual: str, expected: str, typed: str) -> None:
    assert not is_same(actual, expected, typed)


def test_it_takes_little_time() -> None:
    begun = time.monotonic()
    is_same("a" * 60_000, "a" * 60_000 + "b", "a\n" * 500)
    assert time.monotonic() - begun < 5


def test_what_takes_too_long_to_know_is_another() -> None:
    """A thousand lines that may each stand anywhere in twenty thousand: half a minute, once."""
    started = time.process_time()
    assert not is_same("a\n" * 20_000, "a\n" * 30_000 + "b", "a\n" * 1000)
    assert time.process_time() - started < 5

"""A web server that has hardly a descriptor left says so, instead of closing the connection."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivle.full_house import ANSWER, TEXT, is_full


@pytest.fixture
def limit() -> Iterator[int]:
    """What this process may have, for a while: so many more than it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2 * (max(int(held.name) for held in Path("/proc/self/fd").iterdir()) + 20)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_it_is_full_before_there_is_none_left(limit: int) -> None:
    assert not is_full()
    held: list[int] = []
    try:
        while not is_full():
            held.append(os.open(os.devnull, os.O_RDONLY))
        assert limit - limit // 4 - 1 <= held[-1] < limit - 8
        held += [os.open(os.devnull, os.O_RDONLY) for _ in range(limit - held[-1] - 1)]
        assert is_full()
    finally:
        for descriptor in held:
            os.close(descriptor)
    assert not is_full()


def test_the_answer_is_whole() -> None:
    head, _, body = ANSWER.partition(b"\r\n\r\n")
    assert body == TEXT
    assert f"Content-Length: {len(body)}".encode() in head

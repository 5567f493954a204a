"""Filling the holes between the zygote's objects."""

from __future__ import annotations

import itertools
import sys

import pytest

from sandbox import ballast


@pytest.mark.parametrize("size", [16, 32, 48, 256, 512])
def test_objects_of_a_size(size: int) -> None:
    made = ballast.maker(size)()
    assert size - ballast.ALIGNMENT_BYTES < sys.getsizeof(made) <= size
    assert ballast.maker(size)() is not made


def test_it_goes_on_until_a_pool_has_no_holes() -> None:
    """Objects in two pools with holes, then one after the other in a third."""
    pools = itertools.chain([1, 2, 1, 1, 2, 2], itertools.repeat(3))
    places: list[int] = []

    def make() -> object:
        places.append(next(pools))
        return places[-1]

    with pytest.MonkeyPatch.context() as machine:
        machine.setattr(ballast, "id", lambda made: made * ballast.POOL_BYTES, raising=False)
        assert len(list(ballast.until_a_fresh_pool(make, 4))) == 10


def test_it_ends_with_any_allocator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "MOST_POOLS", 2)
    monkeypatch.setattr(ballast, "_ballast", [])
    numbers = itertools.count()
    monkeypatch.setattr(ballast, "id", lambda _made: next(numbers) * ballast.POOL_BYTES, raising=False)
    ballast.fill()
    assert ballast._ballast

"""The installations under attack, and a person on each.

A test that asks for `jail` runs on the best installation of this machine; marked `everywhere`, on every kind of them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.fake_jail import FakeJail
from tests.sandbox.installation import (
    BEST,
    BEST_ONLY,
    BY_PERF,
    BY_SAMPLING,
    KINDS,
    CannotIsolate,
    Installation,
    Kind,
    why_not,
)
from tests.sandbox.jail import Jail, Loop

MARKS = {"everywhere": KINDS, "by_every_tier": (BEST, BY_PERF, BY_SAMPLING), "by_exact_tiers": (BEST, BY_PERF)}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "everywhere: on every kind of installation, not on the best alone")
    config.addinivalue_line("markers", "by_every_tier: with every way to count CPU")
    config.addinivalue_line("markers", "by_exact_tiers: with every way to count CPU that misses nothing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" not in metafunc.fixturenames:
        return
    kinds = {BEST.name: BEST}
    for mark, others in MARKS.items():
        if metafunc.definition.get_closest_marker(mark) and BEST_ONLY not in os.environ:
            kinds |= {kind.name: kind for kind in others}
    metafunc.parametrize("kind", [as_parameter(kind) for kind in kinds.values()], scope="session")


def as_parameter(kind: Kind) -> object:
    reason = why_not(kind)
    marks = [pytest.mark.skip(reason=reason), pytest.mark.skips_in_ci(reason)] if reason else []
    return pytest.param(kind, id=kind.name, marks=marks)


@pytest.fixture(scope="session")
def installations() -> Iterator[Callable[[Kind], Installation]]:
    """Each kind is started when a test first wants it. The best one says whether this machine can isolate at all."""
    started: dict[str, Installation | CannotIsolate] = {}

    def get(kind: Kind) -> Installation:
        if kind.name not in started:
            try:
                started[kind.name] = Installation(kind)
            except CannotIsolate as reason:
                started[kind.name] = reason
        found = started[kind.name]
        if isinstance(found, CannotIsolate):
            pytest.skip(f"this machine cannot isolate: {found}")
        return found

    yield get
    for installation in started.values():
        if isinstance(installation, Installation):
            installation.end()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def installation(kind: Kind, installations: Callable[[Kind], Installation]) -> Installation:
    return installations(kind)


@pytest.fixture
def jail(installation: Installation, loop: Loop) -> Jail:
    return Jail(loop, installation)


@pytest.fixture
async def fake_jail() -> AsyncIterator[FakeJail]:
    fake = FakeJail()
    yield fake
    fake.end()


@pytest.fixture
def start(loop: Loop) -> Iterator[Callable[..., Jail]]:
    """A supervisor of the test's own, with these settings; the person is the first on it."""
    started: list[Installation] = []

    def begin(**settings: Any) -> Jail:
        try:
            started.append(Installation(Kind("of a test", BEST.wants_root, BEST.steps_down, settings)))
        except CannotIsolate as reason:
            pytest.skip(f"this machine cannot isolate: {reason}")
        return Jail(loop, started[-1])

    yield begin
    for installation in started:
        installation.end()

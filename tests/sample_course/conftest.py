"""The sample course as it lies in the checkout, and a supervisor on which it is tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.installation import BEST, CannotIsolate, Installation


@pytest.fixture(autouse=True)
def site_settings() -> None:
    """There is no site in here."""


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    try:
        installation = Installation(BEST)
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield installation
    installation.end()

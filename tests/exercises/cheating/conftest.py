"""The grader that is beaten, on an installation of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.installation import BEST, CHECKOUT, CannotIsolate, Installation, copy_code


@pytest.fixture(scope="session")
def naive_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    code = copy_code(CHECKOUT, tmp_path_factory.mktemp("naive") / "code")
    naive = Path(__file__).parent / "naive.py"
    (code / "guest" / "attempt.py").write_text(naive.read_text())
    try:
        installation = Installation(BEST, code)
    except CannotIsolate as reason:
        pytest.skip(f"this machine cannot isolate: {reason}")
    yield installation
    installation.end()

"""Every example of docs/exercises.md is an exercise that could be published as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exercises.proving import prove
from exercises.reading import read
from tests.sandbox.installation import Installation

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "exercises.md").read_text()
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````$", TEXT, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.partition("\n")[0].strip("# "))
async def test_example(installation: Installation, text: str) -> None:
    exercise = read("example", text)
    assert exercise.tests
    assert await prove(exercise, str(installation.socket)) == ()

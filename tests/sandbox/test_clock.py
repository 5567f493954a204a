"""A jump of the machine's clock ends no run early and lets none go on: limits, pauses and idle times are monotonic."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SANDBOX = Path(__file__).resolve().parent.parent.parent / "sandbox"
JUMPING = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today")}
# Moments that are shown to people: nothing is decided by them.
SHOWN = {"session.py": 2, "counts.py": 1, "saying.py": 1}


def jumps(path: Path) -> int:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [
        (ast.unparse(call.value).rpartition(".")[2], call.attr) for call in calls if isinstance(call, ast.Attribute)
    ]
    return sum(name in JUMPING for name in named)


@pytest.mark.parametrize("path", sorted(SANDBOX.glob("*.py")), ids=lambda path: path.name)
def test_no_limit_is_taken_from_a_clock_that_can_jump(path: Path) -> None:
    assert jumps(path) <= SHOWN.get(path.name, 0)


def test_what_would_be_found(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text("import time, datetime\ntime.time()\ndatetime.datetime.now()\ntime.monotonic()\n")
    assert jumps(source) == 2

"""The JavaScript that needs no browser: its own tests, run by node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")
NODE_MAJOR_MIN = 18


def version() -> int:
    return int(subprocess.check_output([str(NODE), "--version"], text=True).removeprefix("v").partition(".")[0])


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.name)
def test_in_node(path: Path) -> None:
    if NODE is None or version() < NODE_MAJOR_MIN:
        pytest.skip(f"there is no node of version {NODE_MAJOR_MIN} or newer on this machine")
    run = subprocess.run([NODE, "--test", str(path)], capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stdout + run.stderr

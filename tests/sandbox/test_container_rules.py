"""What a container forbids by default is said in words, at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
RULES = Path(__file__).with_name("container_rules.py")


def test_the_doctor_says_that_code_cannot_run() -> None:
    """And ends: whoever was to write the map of the namespace that is refused does not wait for it."""
    command = [sys.executable, str(RULES), sys.executable, "-m", "sandbox", "doctor"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == os.EX_CONFIG
    assert "Code cannot run on this machine, and ivle will not run it." in done.stdout
    assert "user namespace" in done.stdout
    assert "docs/admin.md" in done.stdout

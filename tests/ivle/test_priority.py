"""Whether the kernel really prefers what the site starts for itself, and that being refused harms nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivle import priority
from ivle.child import Child

GROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
can_prefer = GROUPS.exists() and GROUPS.read_text().strip() == "1" and os.geteuid() == 0


@pytest.fixture
def child() -> Iterator[Child]:
    command = (sys.executable, "-c", "print('ready', flush=True); input()")
    child = Child("test", command, dict(os.environ), Path("/"))
    yield child
    if child.life:
        child.life.process.kill()
        child.life.process.wait()
        child.life.stdout.close()


@pytest.mark.skips_in_ci("an unprivileged user may prefer nobody")
@pytest.mark.skipif(not can_prefer, reason="needs root and the kernel's groups of processes")
def test_what_the_site_starts_goes_first(child: Child) -> None:
    pid = child.start().process.pid
    assert Path(f"/proc/{pid}/autogroup").read_text().split()[-1] == str(priority.NICE)


def test_a_kernel_that_has_no_such_groups_is_no_fault() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    priority.prefer(gone.pid)

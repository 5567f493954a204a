"""Pid 1 of a jail, alone: started here as a child of this process, whose memory it shares."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from sandbox.holder import Holder

PATIENCE_SECONDS = 20.0


def is_asleep(pid: int) -> bool:
    """As pause(2) leaves it."""
    return "State:\tS" in Path(f"/proc/{pid}/status").read_text()


def test_it_lets_go_of_what_the_zygote_has_open() -> None:
    """Views of other jails are among it, which must not outlive those."""
    ours, theirs = os.pipe()
    holder = Holder()  # whose memory it runs on
    pid = holder.start()
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_asleep(pid) and time.monotonic() < deadline:
            os.sched_yield()
        assert is_asleep(pid)
        assert {file.name for file in Path(f"/proc/{pid}/fd").iterdir()} <= {"0", "1", "2"}
        os.write(theirs, b"still ours")
        assert os.read(ours, 64) == b"still ours"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ours)
        os.close(theirs)

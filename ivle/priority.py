"""The site's own processes go before students' programs: a key in one console does not wait for loops in others.

By the kernel's groups of processes (sched_autogroup, see sched(7)), of which every jail has its own. Where it has
none, or we have no right to that, all are equal: docs/performance.md says what that is worth.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

NICE: Final = -15


def prefer(pid: int) -> None:
    """The process and those that it will start in its session."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE))

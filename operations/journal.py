"""The system's log: where systemd puts what a unit prints."""

from __future__ import annotations

import os
from typing import Any


def has(stream: Any) -> bool:
    """Does it get what is written to this stream? systemd.exec(5), JOURNAL_STREAM."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"

"""The sign of life of the warden: a file that it touches. Without it nobody would notice that nobody watches."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from django.conf import settings

from operations.questions import Question

EVERY_SECONDS: Final = 5.0
LATE_SECONDS: Final = 30.0


def place() -> Path:
    return Path(settings.IVLE_DATA / "run" / "warden.beat")


def touch() -> None:
    place().touch(mode=0o600)


touching: Final = Question(touch)


async def beat() -> None:
    """A duty of the warden's. Raises TimeoutError where the disk hangs: then no other duty waits for it."""
    await touching.answer()


def age_seconds() -> float | None:
    """None where there never was one."""
    try:
        return max(0.0, time.time() - place().stat().st_mtime)
    except OSError:
        return None

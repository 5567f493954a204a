"""What was told of people last, kept for a supervisor that begins while nobody is there to tell it. For supervisor.py.

In the folder of the supervisor's socket: whoever can write there could as well answer in its place.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox import saying
from sandbox.faults import SandboxRefused
from sandbox.standing import Standing, from_text

NAME: Final = "standings.json"
NEW: Final = ".standings.new"


def keep(folder: Path, text: bytes) -> None:
    """All of it or, where there is no room, what was kept before."""
    new = folder / NEW
    try:
        with open(new, "wb", opener=private) as file:
            file.write(text)
        new.replace(folder / NAME)
    except OSError as error:
        saying.say(f"people's standings cannot be kept for the next supervisor: {error}")
        with contextlib.suppress(OSError):
            new.unlink()


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def recall(folder: Path) -> Mapping[str, Standing]:
    """Nobody's where nothing is kept, or what is kept makes no sense."""
    with contextlib.suppress(OSError, SandboxRefused):
        return from_text((folder / NAME).read_bytes())
    return {}

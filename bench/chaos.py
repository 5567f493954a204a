"""What ivle does when it is killed, starved and overrun: who is told what, what is lost, when it is back by itself.

Everything on loopback, in a site of its own, and bounded. What needs a small disk of its own is left out without root.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from bench import chaos_kills, chaos_want
from bench.browser import Wrong
from bench.chaos_site import Damaged, Scene, staged
from bench.findings import Section
from bench.server import NotStarted
from bench.settings import Settings

Part = Callable[[Section, Scene, Settings], Coroutine[Any, Any, None]]
FAULTS = (NotStarted, Wrong, Damaged, OSError, subprocess.SubprocessError, AssertionError)


def measure(settings: Settings) -> Section:
    section = Section("chaos", "Killed, starved and overrun", ("", "back after s", "what was seen"))
    act(section, settings, "kills", chaos_kills.measure)
    act(section, settings, "wants", chaos_want.crowd, chaos_want.database_locked, chaos_want.out_of_descriptors)
    act(section, settings, "disk", chaos_want.disk_full, small="size=160m,nr_inodes=60000")
    act(section, settings, "inodes", chaos_want.inodes_full, small="size=400m,nr_inodes=6000")
    return section


def act(section: Section, settings: Settings, name: str, *parts: Part, small: str = "") -> None:
    """On a site of their own; with `small`, on a disk that is as small as that."""
    try:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            folder.chmod(0o755)
            scene = stack.enter_context(staged(folder, settings, small))
            for part in parts:
                asyncio.run(part(section, scene, settings))
    except FAULTS as error:
        section.complete = False
        section.notes.append(f"{name}: {type(error).__name__}: {error}")

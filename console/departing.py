"""What becomes of a console whose last watcher has left: nothing, unless its policy says that it ends with them.

A web process writes down that somebody left, and the warden looks some time later: whoever is restarted meanwhile.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from django.conf import settings

from console.starting import POLICIES, end_quietly
from sandbox import consoles
from sandbox.consoles import SessionGone, SessionInfo
from sandbox.faults import SandboxError

GRACE_SECONDS: Final = 20.0  # a page that is loaded again, or whose connection broke, is back before
ROUND_SECONDS: Final = 5.0


def note_departure(info: SessionInfo) -> None:
    """A watcher has left."""
    if POLICIES[info.about["policy"]]().ends_with_its_watcher:
        (folder() / info.id).touch(0o600)


async def end_deserted() -> None:
    """Those that were left long enough ago and have no watcher. A duty of the warden's. Where the sandbox does not
    answer, the next time."""
    due = time.time() - GRACE_SECONDS
    for note in [note for note in folder().iterdir() if note.stat().st_mtime <= due]:
        try:
            info = await consoles.get_session(settings.IVLE_SANDBOX_SOCKET, note.name)
            if not info.watchers:
                await end_quietly(note.name)
        except SessionGone:
            pass
        except SandboxError:
            return
        note.unlink(missing_ok=True)


def folder() -> Path:
    place: Path = settings.IVLE_DATA / "run" / "departed"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place

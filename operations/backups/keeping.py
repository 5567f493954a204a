"""What backups in a folder are called, and which of them go when there are newer ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from operations.backups.faults import in_words

NAME: Final = re.compile(r"ivle-[0-9]{8}-[0-9]{6}\.tar\.gz")


def name_now() -> str:
    """Names sort by time."""
    return datetime.now(UTC).strftime("ivle-%Y%m%d-%H%M%S.tar.gz")


def remove_old(folder: Path, keep: int) -> list[Path]:
    """All but the newest, and nothing that is called otherwise. Raises BackupFault."""
    with in_words(folder):
        ours = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
        old = ours[: max(len(ours) - keep, 0)]
        for path in old:
            path.unlink()
    return old


def keep_at_least_one(text: str) -> int:
    """For an argument parser. Raises ValueError."""
    keep = int(text)
    if keep < 1:
        raise ValueError(_("at least 1"))
    return keep

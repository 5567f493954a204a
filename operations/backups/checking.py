"""Is a backup whole and right? Reads all of it, and looks into its database, without a site to put it into."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from operations.backups import snapshot
from operations.backups.faults import BackupFault, in_words
from operations.backups.manifest import Manifest
from operations.backups.reading import Entry, damage_in_words, read_backup
from operations.backups.restoring import OURS, write_at


@dataclass(frozen=True)
class Checked:
    manifest: Manifest
    files: int
    content_bytes: int


def check(stream: IO[bytes]) -> Checked:
    """Raises BackupFault."""
    about, entries = read_backup(stream)
    files = content_bytes = 0
    folder = Path(tempfile.gettempdir())
    with in_words(folder), tempfile.NamedTemporaryFile(prefix="ivle-check-") as copy:
        for entry in entries:
            if entry.info.isreg() and entry.info.name not in OURS:
                files += 1
                content_bytes += entry.info.size
            if is_database(entry, about):
                with damage_in_words():
                    entry.copy(lambda data, position: write_at(copy.fileno(), data, position))
        fault = check_copy(Path(copy.name), about)
    if fault:
        raise BackupFault(_("The database in this backup is damaged: %(why)s.") % {"why": fault})
    return Checked(about, files, content_bytes)


def is_database(entry: Entry, about: Manifest) -> bool:
    kind = snapshot.KINDS.get(about.database)
    return kind is not None and entry.parts == (kind.name.encode(),)


def check_copy(copy: Path, about: Manifest) -> str:
    if not copy.stat().st_size:
        return _("it is not there")
    kind = snapshot.KINDS.get(about.database)
    return kind.fault_of(copy) if kind else ""

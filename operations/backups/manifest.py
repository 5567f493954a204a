"""The first thing in a backup: when it was made, of which database, and what that database's tables are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from operations.backups.faults import BackupFault

NAME: Final = "ivle-backup.json"
FORMAT: Final = 1
MOST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """`migrations`: `app.name` of those applied. `homes_uid`: whom the homes belong to."""

    made: str
    database: str
    migrations: tuple[str, ...]
    homes_uid: int
    has_files: bool = True  # homes and so on, and not the database alone
    format: int = FORMAT

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode() + b"\n"

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made)


def read_manifest(content: bytes) -> Manifest:
    """Raises BackupFault for what is none, or one of a later format."""
    try:
        values = json.loads(content)
        if values["format"] == FORMAT:
            return Manifest(**{**values, "migrations": tuple(values["migrations"])})
    except (ValueError, TypeError, KeyError) as error:
        raise BackupFault(_("This is no backup of ivle: its first entry cannot be read.")) from error
    raise BackupFault(_("This backup was made by a newer ivle. Install that one, or a later one, to restore it."))


def refuse_newer(manifest: Manifest) -> None:
    """Raises BackupFault where the database has seen changes that this ivle knows nothing of."""
    unknown = sorted(set(manifest.migrations) - known_migrations())
    if unknown:
        raise BackupFault(
            _(
                "This backup was made by a newer ivle: its database has the change %(change)s, which this one does "
                "not know. Install that ivle, or a later one, to restore it."
            )
            % {"change": unknown[0]}
        )


def known_migrations() -> set[str]:
    loader = MigrationLoader(None)
    replaced: Iterable[tuple[str, str]] = (
        key for migration in loader.disk_migrations.values() for key in migration.replaces
    )
    return {f"{app}.{name}" for app, name in (*loader.disk_migrations, *replaced)}

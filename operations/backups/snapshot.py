"""The database at one moment, as a file, while the site goes on writing; and a database made of such a file again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from operations.backups import postgresql
from operations.backups.faults import BackupFault

BUSY_SECONDS = 30.0


@dataclass(frozen=True)
class Kind:
    """Of a database. `name` is what its copy is called in a backup."""

    name: str
    write: Callable[[Path], None]  # the copy
    is_empty: Callable[[], bool]
    read: Callable[[Path], None]  # the copy, into a database that is empty
    fault_of: Callable[[Path], str]  # what is wrong with a copy; nothing where all is well


def path() -> Path:
    """Of the SQLite database."""
    return Path(connection.settings_dict["NAME"])


def write_sqlite(place: Path) -> None:
    """One read transaction: in write-ahead mode nobody waits for it. Raises BackupFault."""
    database = path()
    if not database.exists():
        raise BackupFault(_("There is no database at %(place)s.") % {"place": database})
    try:
        with (
            closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as source,
            closing(sqlite3.connect(place)) as copy,
        ):
            source.backup(copy)
            fault = check_sqlite(copy)
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            raise OSError(28, str(error)) from error  # ENOSPC
        raise BackupFault(_("The database cannot be copied: %(why)s.") % {"why": error}) from error
    if fault:
        raise BackupFault(
            _("The database is damaged (%(why)s), so no backup was made of it. Keep the backups that you have.")
            % {"why": fault}
        )


def check_sqlite(database: sqlite3.Connection) -> str:
    """What is wrong with it; nothing where all is well."""
    answer = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    return "" if answer == "ok" else answer


def check_sqlite_file(place: Path) -> str:
    try:
        with closing(sqlite3.connect(place)) as database:
            return check_sqlite(database)
    except sqlite3.Error as error:
        return str(error)


def no_sqlite() -> bool:
    return not path().exists()


def put_sqlite(place: Path) -> None:
    connection.close()
    place.rename(path())


KINDS = {
    "sqlite": Kind("db.sqlite3", write_sqlite, no_sqlite, put_sqlite, check_sqlite_file),
    "postgresql": Kind(postgresql.NAME, postgresql.write, postgresql.is_empty, postgresql.read, postgresql.fault_of),
}


def kind_here() -> Kind:
    """Raises BackupFault."""
    kind = KINDS.get(connection.vendor)
    if kind is None:
        raise BackupFault(_("ivle does not know how to back up a database of %(kind)s.") % {"kind": connection.vendor})
    return kind


def migrations_applied() -> tuple[str, ...]:
    """Raises BackupFault."""
    try:
        applied = tuple(sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()))
    except DatabaseError as error:
        raise BackupFault(_("The database cannot be read: %(why)s.") % {"why": error}) from error
    if not applied:
        raise BackupFault(_("There is nothing in the database yet, so there is nothing to back up."))
    return applied

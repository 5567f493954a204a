"""A PostgreSQL database as a file of pg_dump, and from such a file again. For snapshot.py."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from operations.backups.faults import BackupFault

NAME: Final = "database.pgdump"
PLAIN: Final = ("--no-owner", "--no-privileges")  # whoever restores it may be called otherwise
COMPLAINT_MAX_CHARACTERS: Final = 300
OURS: Final = ("application_name", "connect_timeout")  # of the options, which are libpq's, but for the site's own use


class NotInstalled(BackupFault):
    """A program of PostgreSQL's is wanted."""


def write(place: Path) -> None:
    """One transaction, for which nobody waits. Raises BackupFault."""
    call("pg_dump", "--format=custom", *PLAIN, "--compress=0", f"--file={place}")


def read(place: Path) -> None:
    """All of it or nothing. Raises BackupFault."""
    connection.close()
    call("pg_restore", *PLAIN, "--single-transaction", "--exit-on-error", str(place))


def is_empty() -> bool:
    return not connection.introspection.table_names()


def fault_of(place: Path) -> str:
    """By its table of contents: the sums of the backup tell of the rest. Raises NotInstalled."""
    try:
        run(["pg_restore", "--list", str(place)], dict(os.environ))
    except NotInstalled:
        raise
    except BackupFault as fault:
        return str(fault)
    return ""


def call(program: str, *options: str) -> None:
    """With the site's own address. The password goes by the environment, which other accounts cannot read."""
    about: dict[str, Any] = connection.settings_dict
    parts = {"host": about["HOST"], "port": about["PORT"], "user": about["USER"], "dbname": about["NAME"]}
    parts |= {name: value for name, value in about["OPTIONS"].items() if name not in OURS}
    address = " ".join(f"{name}={quoted(str(value))}" for name, value in parts.items() if value)
    password = {"PGPASSWORD": about["PASSWORD"]} if about["PASSWORD"] else {}
    run([program, f"--dbname={address}", *options], {**os.environ, **password})


def quoted(value: str) -> str:
    """For a connection string: libpq, 34.1.1.1."""
    return "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"


def run(command: list[str], environ: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise NotInstalled(
            _("%(program)s is not installed. On Debian: apt install postgresql-client") % {"program": command[0]}
        ) from error
    if done.returncode:
        complaint = " ".join(done.stderr.decode(errors="replace").split())[-COMPLAINT_MAX_CHARACTERS:]
        if "No space left on device" in complaint:
            raise OSError(28, "No space left on device")  # ENOSPC, told as every other
        raise BackupFault(_("%(program)s failed: %(why)s") % {"program": command[0], "why": complaint})

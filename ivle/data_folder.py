"""IVLE_DATA: who may enter which folder of it. `up` and the demo call this."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

OURS: Final = ("run", "trash", "uploads", "versions")  # on one file system with the homes: things are renamed across
RESTORING: Final = "restoring"  # of operations/backups/restoring.py
DEMO_MARK: Final = "this-is-the-demo"


def prepare(data: Path, jail_uid: int) -> None:
    """Makes data/ and the folders in it, closed to everybody but us.

    Where root runs the site, jails run as somebody else, who is let through to the homes by their group alone.
    Raises ImproperlyConfigured over half a restore.
    """
    if (data / RESTORING).exists():
        raise ImproperlyConfigured(
            f"A backup is being restored to {data}, or that was broken off. Let it end; or delete everything in that "
            "folder and restore again."
        )
    passage = 0o710 if jail_uid != os.getuid() else 0o700
    data.mkdir(parents=True, exist_ok=True)
    ours = [(data / name, 0o700) for name in OURS]
    for folder, mode in ((data, passage), (data / "homes", passage), *ours):
        folder.mkdir(exist_ok=True)
        if mode == 0o710:
            os.chown(folder, -1, jail_uid)
        folder.chmod(mode)


def refuse_demo(data: Path) -> None:
    """For the start of a real site: its data must not hold people whose password everybody knows."""
    mark = data / DEMO_MARK
    if mark.exists():
        raise ImproperlyConfigured(
            f"{data} holds the demo class, whose password everybody knows. Set IVLE_DATA to another folder; "
            f"or give the demo's people new passwords (manage.py changepassword) and delete {mark}."
        )

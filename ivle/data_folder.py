"""IVLE_DATA: who may enter which folder of it, and a home for a person. `up` and the demo call this."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

DEMO_MARK: Final = "this-is-the-demo"


def prepare(data: Path, jail_uid: int) -> None:
    """Makes data/, data/homes/ and data/run/, closed to everybody but us.

    Where root runs the site, jails run as somebody else, who is let through to the homes by their group alone.
    """
    passage = 0o710 if jail_uid != os.getuid() else 0o700
    data.mkdir(parents=True, exist_ok=True)
    for folder, mode in ((data, passage), (data / "homes", passage), (data / "run", 0o700)):
        folder.mkdir(exist_ok=True)
        if mode == 0o710:
            os.chown(folder, -1, jail_uid)
        folder.chmod(mode)


def make_home(homes: Path, username: str, jail_uid: int, files: Mapping[str, bytes]) -> bool:
    """A new home with these files in it, or False where there is one already.

    It appears whole or not at all; an existing home belongs to its owner, and nothing is written into it.
    """
    home = homes / username
    if home.exists():
        return False
    draft = homes / f".{username}-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    try:
        for name, content in files.items():
            (draft / name).write_bytes(content)
            (draft / name).chmod(0o600)
        if jail_uid != os.getuid():
            for path in (*draft.iterdir(), draft):
                os.chown(path, jail_uid, jail_uid)
        draft.rename(home)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return True


def refuse_demo(data: Path) -> None:
    """For the start of a real site: its data must not hold people whose password everybody knows."""
    mark = data / DEMO_MARK
    if mark.exists():
        raise ImproperlyConfigured(
            f"{data} holds the demo class, whose password everybody knows. Set IVLE_DATA to another folder; "
            f"or give the demo's people new passwords (manage.py changepassword) and delete {mark}."
        )

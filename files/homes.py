"""A person's folder: making it, and holding it open. Everything that is done with files begins here."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from files.lookup import NotThere
from files.opener import open_home


@contextmanager
def hold_home(owner: str) -> Iterator[int]:
    """An O_PATH descriptor of the owner's home. Raises NotThere. `owner` is the login name of somebody there is."""
    try:
        home = open_home(settings.IVLE_HOMES, owner)
    except (FileNotFoundError, NotADirectoryError):
        raise NotThere from None
    try:
        yield home
    finally:
        os.close(home)


def make_home(homes: Path, username: str, jail_uid: int, files: Mapping[str, bytes]) -> bool:
    """A new home with these files in it, by relative path, or False where there is one already.

    It appears whole or not at all; an existing home belongs to its owner, and nothing is written into it.
    """
    home = homes / username
    if home.exists():
        return False
    draft = homes / f".{username}-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    try:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)
        for path in draft.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        if jail_uid != os.getuid():
            for path in (*draft.rglob("*"), draft):
                os.chown(path, jail_uid, jail_uid)
        draft.rename(home)  # over one that appeared meanwhile only if that is empty
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return True

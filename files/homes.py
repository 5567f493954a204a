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
from files.renaming import rename_free


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


def make_own_home(owner: str) -> None:
    """Whoever has an account has a home from the first thing that they do with it. `owner` is as for hold_home."""
    make_home(settings.IVLE_HOMES, owner, settings.IVLE_JAIL_UID, {})


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
        has_appeared = appear(homes, draft.name, username)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if not has_appeared:
        shutil.rmtree(draft)
    return has_appeared


def appear(homes: Path, draft: str, name: str) -> bool:
    """Never in the place of another, be that empty: somebody may just begin to write in it. False where one is."""
    folder = os.open(homes, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        rename_free(folder, draft.encode(), folder, name.encode())
    except FileExistsError:
        return False
    finally:
        os.close(folder)
    return True

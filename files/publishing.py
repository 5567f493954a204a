"""Showing a folder to everybody, and taking it back. Called by `manage.py publish`."""

from __future__ import annotations

import os
from pathlib import Path

from accounts.models import Person
from files.lookup import NotThere, find
from files.models import PublishedFolder
from files.opener import open_home
from files.paths import as_text


def publish(person: Person, parts: tuple[bytes, ...], homes: Path) -> None:
    """Raises NotThere where the home has no such folder."""
    try:
        home = open_home(homes, person.username)
    except FileNotFoundError as error:
        raise NotThere from error
    try:
        with find(home, parts) as found:
            if not found.is_folder:
                raise NotThere
    finally:
        os.close(home)
    PublishedFolder.objects.get_or_create(person=person, path=as_text(parts))


def unpublish(person: Person, parts: tuple[bytes, ...]) -> bool:
    """False where that folder was not published itself; one above it may still be."""
    removed, _ = PublishedFolder.objects.filter(person=person, path=as_text(parts)).delete()
    return removed > 0

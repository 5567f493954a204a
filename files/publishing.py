"""Showing a folder to everybody, and taking it back. Called by api.py and `manage.py publish`."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import transaction

from accounts.models import Person
from files import words
from files.faults import Refused
from files.lookup import NotThere, find
from files.models import PublishedFolder, StaticMapping
from files.opener import open_home
from files.paths import as_text
from files.showing import can_be_address, is_hidden


def publish(person: Person, parts: tuple[bytes, ...], homes: Path) -> None:
    """Raises NotThere where the home has no such folder, Refused where nobody would see it."""
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
    if is_hidden(parts) or not can_be_address(parts):
        raise Refused(words.never_shown())
    PublishedFolder.objects.get_or_create(person=person, path=as_text(parts))


def unpublish(person: Person, parts: tuple[bytes, ...]) -> bool:
    """False where that folder was not published itself; one above it may still be."""
    removed, _ = PublishedFolder.objects.filter(person=person, path=as_text(parts)).delete()
    return removed > 0


def follow(person: Person, parts: tuple[bytes, ...], to: tuple[bytes, ...]) -> None:
    """A folder was renamed or moved: what was shown of it stays shown, and its old path shows nothing."""
    old, new = as_text(parts), as_text(to)
    with transaction.atomic():
        rows = published_from(person, parts)
        forget(person, to)
        for row in rows:
            row.path = new + row.path[len(old) :]
            row.save(update_fields=["path"])


def forget(person: Person, parts: tuple[bytes, ...]) -> None:
    """A folder was deleted: whatever comes in its place is private."""
    for row in published_from(person, parts):
        row.delete()


def published_from(person: Person, parts: tuple[bytes, ...]) -> list[PublishedFolder | StaticMapping]:
    """What is shown of a folder, at its own address and at mapped ones: itself, and folders below it."""
    path = as_text(parts)
    rows: list[PublishedFolder | StaticMapping] = [*person.published_folders.all(), *person.static_mappings.all()]
    return [row for row in rows if f"{row.path}/".startswith(f"{path}/")]

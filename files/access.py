"""Who may look at what in whose home. Every question of that kind is answered here; a refusal is "not there"."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Person
from courses.access import is_staff_for
from files.models import PublishedFolder, StaticMapping
from files.paths import as_text, from_text
from files.showing import Parts, Showing, Shown, way_to


def may_serve(viewer: Person, owner: str) -> bool:
    """May this person run what is in that home as web pages? Who teaches its owner sees reports of that, no more."""
    return viewer.is_active and (viewer.username == owner or is_staff_for(viewer, owner))


def may_read(viewer: Person, owner: str) -> bool:
    """May this person see what is in that home: names, contents, older versions, the trash? Of another's this asks the
    database, so it is not for the event loop."""
    return may_write(viewer, owner) or (viewer.is_active and (viewer.is_superuser or is_staff_for(viewer, owner)))


def may_write(viewer: Person, owner: str) -> bool:
    """May this person change anything in that home, or show it to everybody?"""
    return viewer.is_active and viewer.username == owner


def published_part(owner: str, parts: Parts) -> Parts | None:
    """The widest published folder on the way along the path, or None where everything on it is private."""
    published = published_folders(owner, way_to(parts))
    return min(published, key=len) if published else None


def shown_at(owner: str, parts: Parts) -> Shown | None:
    """The folder that an address in the public space lies in, or None where nothing is shown."""
    way = way_to(parts)
    return Showing(published_folders(owner, way), mapped_folders(owner, way)).at(parts)


def showing_of(owner: str) -> Showing:
    return Showing(published_folders(owner), mapped_folders(owner))


def published_folders(owner: str, among: Collection[Parts] | None = None) -> frozenset[Parts]:
    rows = PublishedFolder.objects.filter(person__username=owner, person__is_active=True)
    if among is not None:
        rows = rows.filter(path__in=[as_text(parts) for parts in among])
    return frozenset(from_text(path) for path in rows.values_list("path", flat=True))


def mapped_folders(owner: str, among: Collection[Parts] | None = None) -> dict[Parts, Parts]:
    """By address."""
    rows = StaticMapping.objects.filter(person__username=owner, person__is_active=True)
    if among is not None:
        rows = rows.filter(address__in=[as_text(parts) for parts in among])
    return {from_text(address): from_text(path) for address, path in rows.values_list("address", "path")}

"""Who may look at what in whose home. Every question of that kind is answered here; a refusal is "not there"."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Person
from courses.access import is_staff_for
from files.models import PublishedFolder, StaticMapping
from files.paths import as_text, from_text


def may_serve(viewer: Person, owner: str) -> bool:
    """May this person run what is in that home as web pages? Who teaches its owner sees reports of that, no more."""
    return viewer.is_active and (viewer.username == owner or is_staff_for(viewer, owner))


@dataclass(frozen=True)
class Shown:
    """A folder that everybody may look at, and its address in the owner's public space."""

    address: tuple[bytes, ...]
    folder: tuple[bytes, ...]


def may_read(viewer: Person, owner: str) -> bool:
    """May this person see what is in that home: names, contents, older versions, the trash? Of another's this asks the
    database, so it is not for the event loop."""
    return may_write(viewer, owner) or (viewer.is_active and (viewer.is_superuser or is_staff_for(viewer, owner)))


def may_write(viewer: Person, owner: str) -> bool:
    """May this person change anything in that home, or show it to everybody?"""
    return viewer.is_active and viewer.username == owner


def published_part(owner: str, parts: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
    """The widest published folder on the way along the path, or None where everything on it is private."""
    published = published_on_the_way(owner, parts)
    return published[0] if published else None


def published_on_the_way(owner: str, parts: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Every published folder along the path, the widest first."""
    ways = beginnings(parts)
    shown = PublishedFolder.objects.filter(person__username=owner, person__is_active=True, path__in=list(ways))
    return sorted((ways[path] for path in shown.values_list("path", flat=True)), key=len)


def shown_at(owner: str, parts: tuple[bytes, ...]) -> Shown | None:
    """The folder that an address in the public space lies in, or None where nothing is shown.

    Of published folders and mappings on the way the longest address wins; where both have the same, the mapping.
    """
    ways = beginnings(parts)
    mapped = StaticMapping.objects.filter(person__username=owner, person__is_active=True, address__in=list(ways))
    leads = {ways[address]: path for address, path in mapped.values_list("address", "path")}
    published = published_on_the_way(owner, parts)
    if leads:
        address = max(leads, key=len)
        if not published or len(address) >= len(published[-1]):
            return Shown(address, from_text(leads[address]))
    return Shown(published[0], published[0]) if published else None


def beginnings(parts: tuple[bytes, ...]) -> dict[str, tuple[bytes, ...]]:
    return {as_text(parts[:count]): parts[:count] for count in range(len(parts) + 1)}


def published_paths(owner: str) -> frozenset[str]:
    """Every folder that this person has published, as files.paths.as_text; what is below them is public as well."""
    shown = PublishedFolder.objects.filter(person__username=owner, person__is_active=True)
    return frozenset(shown.values_list("path", flat=True))


def is_hidden(parts: tuple[bytes, ...]) -> bool:
    """True for what publishing a folder does not show: dot files, and compiled programs, which hold their source."""
    return any(name.startswith(b".") or name == b"__pycache__" or name.endswith(b".pyc") for name in parts)

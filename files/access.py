"""Who may look at what in whose home. Every question of that kind is answered here; a refusal is "not there"."""

from __future__ import annotations

from accounts.models import Person
from files.models import PublishedFolder
from files.paths import as_text


def may_serve(viewer: Person, owner: str) -> bool:
    """May this person open anything in that home as a web page?"""
    return viewer.is_active and viewer.username == owner


def may_read(viewer: Person, owner: str) -> bool:
    """May this person see what is in that home: names, contents, older versions, the trash?"""
    return may_write(viewer, owner) or (viewer.is_active and viewer.is_superuser)


def may_write(viewer: Person, owner: str) -> bool:
    """May this person change anything in that home, or show it to everybody?"""
    return viewer.is_active and viewer.username == owner


def published_part(owner: str, parts: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
    """The widest published folder on the way along the path, or None where everything on it is private."""
    ways = {as_text(parts[:count]): count for count in range(len(parts) + 1)}
    shown = PublishedFolder.objects.filter(person__username=owner, person__is_active=True, path__in=list(ways))
    counts = [ways[path] for path in shown.values_list("path", flat=True)]
    return parts[: min(counts)] if counts else None


def published_paths(owner: str) -> frozenset[str]:
    """Every folder that this person has published, as files.paths.as_text; what is below them is public as well."""
    shown = PublishedFolder.objects.filter(person__username=owner, person__is_active=True)
    return frozenset(shown.values_list("path", flat=True))


def is_hidden(parts: tuple[bytes, ...]) -> bool:
    """True for what publishing a folder does not show: dot files, and compiled programs, which hold their source."""
    return any(name.startswith(b".") or name == b"__pycache__" or name.endswith(b".pyc") for name in parts)

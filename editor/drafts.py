"""Drafts: what somebody has typed and not saved, kept so that a crash costs nothing. Called by api.py, and when files
are moved and deleted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from editor.models import Draft
from files import news
from files.paths import as_text

TEXT_MAX_BYTES: Final = 2 * 1024 * 1024
DRAFTS_OF_PERSON_MAX: Final = 50
KEPT: Final = timedelta(days=30)
ENCODING: Final = ("utf-8", "surrogatepass")  # half a character is kept as it was typed
QUICK: Final = 1  # of zlib's levels: it is written every few seconds, and read after a crash


class TooLarge(Exception):
    """The text has more than TEXT_MAX_BYTES."""


@dataclass(frozen=True)
class Kept:
    text: str
    base_etag: str  # of the file when it was opened; "" for one that was not there
    saved: datetime


def keep(person: Person, parts: tuple[bytes, ...], text: str, base_etag: str) -> Kept:
    """In place of the draft of this file before. Raises TooLarge."""
    content = text.encode(*ENCODING)
    if len(content) > TEXT_MAX_BYTES:
        raise TooLarge
    now = timezone.now()
    values = {"content": zlib.compress(content, QUICK), "base_etag": base_etag, "saved": now}
    mine = Draft.objects.filter(person=person)
    with transaction.atomic():
        Draft.objects.update_or_create(person=person, path=as_text(parts), defaults=values)
        Draft.objects.filter(saved__lt=now - KEPT).delete()
        oldest = mine.order_by("-saved").values_list("pk", flat=True)[DRAFTS_OF_PERSON_MAX:]
        Draft.objects.filter(pk__in=list(oldest)).delete()
    return Kept(text, base_etag, now)


def find(person: Person, parts: tuple[bytes, ...]) -> Kept | None:
    draft = Draft.objects.filter(person=person, path=as_text(parts)).first()
    if draft is None:
        return None
    return Kept(zlib.decompress(draft.content).decode(*ENCODING), draft.base_etag, draft.saved)


def forget(person: Person, parts: tuple[bytes, ...]) -> None:
    """The text is saved, its owner does not want it, or the file was deleted, be it with the folder that it is in."""
    Draft.objects.filter(pk__in=[pk for pk, _ in drafts_of(person, parts)]).delete()


def follow(person: Person, parts: tuple[bytes, ...], to: tuple[bytes, ...]) -> None:
    """The file was renamed or moved, or the folder that it is in: what was typed into it comes along.

    Of two, as something was typed into a new file of that name that was never saved, the later stays.
    """
    old, new = as_text(parts), as_text(to)
    mine = Draft.objects.filter(person=person)
    with transaction.atomic():
        for pk, path in drafts_of(person, parts):
            draft, path_now = mine.get(pk=pk), new + path[len(old) :]
            mine.filter(path=path_now, saved__lt=draft.saved).delete()
            if mine.filter(path=path_now).exists():
                draft.delete()
            else:
                draft.path = path_now
                draft.save(update_fields=["path"])


def drafts_of(person: Person, parts: tuple[bytes, ...]) -> list[tuple[int, str]]:
    """Key and path of each, of this file or below this folder. They are few, and databases compare text variously."""
    path = as_text(parts)
    rows = Draft.objects.filter(person=person).values_list("pk", "path")
    return [(pk, one) for pk, one in rows if f"{one}/".startswith(f"{path}/")]


def keep_up_with_files() -> None:
    """Called once."""

    def on_moved(*, person: Person, parts: tuple[bytes, ...], to: tuple[bytes, ...], **_: Any) -> None:
        follow(person, parts, to)

    def on_deleted(*, person: Person, parts: tuple[bytes, ...], **_: Any) -> None:
        forget(person, parts)

    news.moved.connect(on_moved, weak=False)
    news.deleted.connect(on_deleted, weak=False)

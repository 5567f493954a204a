"""Drafts: what somebody has typed and not saved, kept so that a crash costs nothing. Called by api.py."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from editor.models import Draft
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
    """The text is saved, or its owner does not want it."""
    Draft.objects.filter(person=person, path=as_text(parts)).delete()

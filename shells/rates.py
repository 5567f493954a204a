"""How often shells of guests are started: from one address in an hour, and by all in a minute.

Counted in the database, so that the web processes count together. A start that is refused leaves no row, and costs
three questions at most: whoever asks a thousand times does not write a thousand times.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from shells import words
from shells.models import Start

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


class TooOften(Exception):
    """Its text is a sentence for the guest."""


class StartedBefore(Exception):
    """The capability has had its shell."""


def note_start(number: str, address: str) -> None:
    """Raises TooOften and StartedBefore."""
    now = timezone.now()
    check(Start.objects.all(), address, now, besides=0)
    if Start.objects.filter(number=number).exists():  # before anything is written
        raise StartedBefore
    try:
        with transaction.atomic():
            start = Start.objects.create(number=number, address=address, at=now)
    except IntegrityError:
        raise StartedBefore from None
    try:  # of several at the same moment, those that came last go
        check(Start.objects.filter(pk__lte=start.pk), address, now, besides=1)
    except TooOften:
        start.delete()
        raise


def check(starts: QuerySet[Start], address: str, now: datetime, besides: int) -> None:
    """`besides`: how many of the starts are this very one. Raises TooOften."""
    if starts.filter(at__gt=now - MINUTE).count() - besides >= settings.IVLE_GUEST_STARTS_PER_MINUTE:
        raise TooOften(words.too_many_at_a_time())
    if starts.filter(address=address, at__gt=now - HOUR).count() - besides >= settings.IVLE_GUEST_STARTS_PER_ADDRESS:
        raise TooOften(words.too_many_from_there())


def give_back(number: str) -> None:
    """It did not start, by a fault of ours."""
    Start.objects.filter(number=number).delete()


def forget_old_starts() -> None:
    Start.objects.filter(at__lte=timezone.now() - HOUR).delete()

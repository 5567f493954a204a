"""Handing in: what is taken, what is refused and why. For api.py, which has asked who may."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Sum, TextField
from django.db.models.functions import Cast, Length
from django.utils import timezone

from accounts.models import Person
from courses.addresses import Visit
from courses.models import Course
from exercises.exercise import Exercise
from marks import catalogue, rules, standing, tickets, words
from marks.models import IS_NEW, Attempt

TEXT_MAX_BYTES: Final = 256 * 1024  # of one file
TOTAL_MAX_BYTES: Final = 1024 * 1024
KEPT_MAX_CHARACTERS: Final = 32 * 1024 * 1024  # of all attempts of a person at one exercise
FEW: Final = 20  # attempts, which never are so much


class NotTaken(Exception):
    """Its text is a sentence for the person. `status` is the one of HTTP."""

    def __init__(self, sentence: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.status = status


def accepted(exercise: Exercise, texts: Mapping[str, str]) -> dict[str, str]:
    """All files of the exercise, those that were not sent as they are given. Raises NotTaken."""
    unknown = sorted(set(texts) - set(exercise.files))
    if unknown:
        raise NotTaken(words.unknown_file(unknown[0]), 400)
    try:
        sizes = [len(text.encode()) for text in texts.values()]
    except UnicodeEncodeError:
        raise NotTaken(words.not_text(), 400) from None
    if any("\0" in text for text in texts.values()):
        raise NotTaken(words.not_text(), 400)
    if max(sizes, default=0) > TEXT_MAX_BYTES or sum(sizes) > TOTAL_MAX_BYTES:
        raise NotTaken(words.too_large(TEXT_MAX_BYTES // 1024), 413)
    return {**exercise.files, **texts}


def digest_of(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


def submit(visit: Visit, name: str, texts: Mapping[str, str]) -> Attempt:
    """Takes it, to be marked in the background. Raises NotTaken, and what catalogue.shown_to raises."""
    course, person = visit.course, visit.person
    edition, exercise = catalogue.shown_to(visit, name)
    files = accepted(exercise, texts)
    terms = catalogue.terms_now(edition, exercise)
    digest, now = digest_of(files), timezone.now()
    try:
        with transaction.atomic():
            standing.mark_of(course, person, name)  # one submission of a person at a time
            earlier = list(
                Attempt.objects.filter(course=course, person=person, exercise=name)
                .order_by("number")
                .annotate(is_new=IS_NEW)
                .defer("files", "report", "progress")
            )
            refuse(terms, earlier, now)
            if len(earlier) >= FEW and kept_characters(course, person, name) > KEPT_MAX_CHARACTERS:
                raise NotTaken(words.no_room(), 413)
            last = earlier[-1] if earlier else None
            if last and not last.is_free and (last.digest, last.edition_id) == (digest, edition.pk):
                raise NotTaken(words.same_again(last.number))
            attempt = Attempt.objects.create(
                course=course,
                person=person,
                exercise=name,
                number=len(earlier) + 1,
                edition=edition,
                files=files,
                digest=digest,
                submitted=now,
                due=now,
                is_late=rules.is_late(terms, now),
            )
            tickets.issue()
    except IntegrityError:  # another machine was faster
        raise NotTaken(words.still_marked()) from None
    return attempt


def kept_characters(course: Course, person: Person, name: str) -> int:
    attempts = Attempt.objects.filter(course=course, person=person, exercise=name)
    found: int = attempts.aggregate(sum=Sum(Length(Cast("files", TextField()))))["sum"] or 0
    return found


def refuse(terms: rules.Terms, earlier: Sequence[Any], now: datetime) -> None:
    """Of attempts that say whether they are new. Raises NotTaken."""
    if any(attempt.is_new for attempt in earlier):
        raise NotTaken(words.still_marked())
    used = sum(not attempt.is_free for attempt in earlier)
    sentence = words.refusal(True, rules.refusal(terms, used, now), terms, used)
    if sentence:
        raise NotTaken(sentence)

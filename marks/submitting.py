"""Handing in: what is taken, what is refused and why. For api.py, which has asked who may."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Person
from courses import editions
from courses.models import Course
from exercises.exercise import Exercise
from marks import catalogue, rules, standing, tickets, words
from marks.models import Attempt

TEXT_MAX_BYTES: Final = 256 * 1024  # of one file
TOTAL_MAX_BYTES: Final = 1024 * 1024


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


def submit(course: Course, person: Person, name: str, texts: Mapping[str, str]) -> Attempt:
    """Takes it, to be marked in the background. Raises NotTaken, and what catalogue.find raises."""
    edition = editions.shown(course)
    exercise = catalogue.find(edition, name)
    if edition is None:
        raise AssertionError("what is found is in one")
    files = accepted(exercise, texts)
    terms = catalogue.terms(course, exercise)
    digest, now = digest_of(files), timezone.now()
    try:
        with transaction.atomic():
            standing.mark_of(course, person, name)  # one submission of a person at a time
            earlier = list(
                Attempt.objects.filter(course=course, person=person, exercise=name)
                .order_by("number")
                .values_list("number", "digest", "edition", "report__isnull")
            )
            refuse(terms, earlier, now)
            if earlier and earlier[-1][1:3] == (digest, edition.pk):
                raise NotTaken(words.same_again(earlier[-1][0]))
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


def refuse(terms: rules.Terms, earlier: list[tuple[int, str, int, bool]], now: datetime) -> None:
    """Raises NotTaken."""
    if any(is_new for *_, is_new in earlier):
        raise NotTaken(words.still_marked())
    sentence = words.refusal(True, rules.refusal(terms, len(earlier), now), terms, len(earlier))
    if sentence:
        raise NotTaken(sentence)

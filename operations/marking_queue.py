"""How long submissions wait to be marked. For the figures, the alarms and the machine page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Min
from django.utils import timezone

from marks.models import TO_BE_MARKED, Attempt, State
from operations.questions import Question


@dataclass(frozen=True)
class MarkingQueue:
    waiting: int
    marking: int
    oldest_seconds: float  # since it should have been begun; 0 where none waits


def look() -> MarkingQueue:
    now = timezone.now()
    open_ones = Attempt.objects.filter(state__in=TO_BE_MARKED)
    numbers = {row["state"]: row["number"] for row in open_ones.values("state").annotate(number=Count("pk"))}
    oldest: datetime | None = open_ones.filter(remarking=None).aggregate(first=Min("submitted"))["first"]
    return MarkingQueue(
        numbers.get(State.WAITING, 0),
        numbers.get(State.MARKING, 0),
        max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    )


question: Final = Question(look)

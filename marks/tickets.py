"""The tickets of the task queue: each marks whichever attempt's turn it is. `manage.py marker` works them off.

A ticket names no attempt, so that the order is decided when there is somebody to do it (turns.py), and one that is lost
is replaced by another.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from marks import calling, marking, turns
from marks.models import Attempt, State

QUEUE: Final = "marks"
MADE_AT_ONCE_MAX: Final = 200
KEPT: Final = timedelta(hours=1)  # what is done, for who wonders; and what a dead process had begun


@task(queue_name=QUEUE)
def mark_whose_turn_it_is() -> None:
    attempt = turns.claim()
    if attempt is not None:
        marking.mark_claimed(attempt)
        if turns.waiting().filter(person=attempt.person_id).exists():  # its ticket may have come too early
            issue()


def issue() -> None:
    """One more. In the transaction of what it is for: both are there, or neither."""
    mark_whose_turn_it_is.enqueue()
    transaction.on_commit(calling.call)


def are_there() -> bool:
    return DBTaskResult.objects.ready().filter(queue_name=QUEUE).exists()


def tidy() -> None:
    """Replaces what is missing, and throws away what is done."""
    turns.free_the_lost()
    tickets = DBTaskResult.objects.filter(queue_name=QUEUE)
    if Attempt.objects.filter(state=State.WAITING).exists():
        missing = turns.people_waiting() - tickets.filter(status=TaskResultStatus.READY).count()
        for _ in range(min(missing, MADE_AT_ONCE_MAX)):
            issue()
    tickets.exclude(status=TaskResultStatus.READY).filter(started_at__lt=timezone.now() - KEPT).delete()

"""The queue of attempts: whose turn it is, who marks what, and what happens to what was given up. For tickets.py.

An attempt that is marked is held for a while, again and again; whoever held it last writes the result, so that one that
was thought dead and is not changes nothing. docs/decisions/0084-the-queue-of-attempts.md says why it is so.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from marks.models import RAISED_MAX, Attempt, Remarked, State, Turn

HELD: Final = timedelta(seconds=12)
HOLD_AGAIN_SECONDS: Final = 3.0
CLAIM_TRIES: Final = 10
PAUSES_SECONDS: Final = (1, 2, 5, 10, 30, 60)  # after our own faults, in a row
_ending = threading.Event()
ME: Final = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"  # this process


def waiting(now: datetime | None = None) -> QuerySet[Attempt]:
    """Those that are due, in order: what is new before what is marked again, of whichever exercise; then whoever was
    served longest ago."""
    ready = Attempt.objects.filter(state=State.WAITING, due__lte=now or timezone.now())
    return ready.alias(is_again=Q(remarking__isnull=False)).order_by(
        "is_again",
        F("person__marking_turn__served").asc(nulls_first=True),
        "submitted",
        "pk",
    )


def next_ones(now: datetime | None = None) -> QuerySet[Attempt]:
    """Those of them that can be begun: one of a person at a time, so that nobody's programs, which may sleep until they
    are stopped, hold every thread there is."""
    return waiting(now).filter(~Exists(being_marked(OuterRef("person"))))


def being_marked(person: Any) -> QuerySet[Attempt]:
    return Attempt.objects.filter(state=State.MARKING, person=person)


def people_waiting() -> int:
    """How many could be served this moment, if there were threads for all."""
    return next_ones().order_by().values("person").distinct().count()


def claim() -> Attempt | None:
    """Takes the next one, to be marked by this process. None where nothing waits."""
    for _ in range(CLAIM_TRIES):  # another machine may be faster
        if _ending.is_set():
            return None
        now = timezone.now()
        with transaction.atomic():
            # Past those that others are claiming this moment, where the database knows how (PostgreSQL).
            free = next_ones(now).select_for_update(of=("self",), skip_locked=True)
            pk = free.values_list("pk", flat=True).first()
            if pk is None:
                return None
            about = ("person", "course", "edition", "remarking", "remarking__by")
            locked = Attempt.objects.select_for_update(of=("self",)).select_related(*about)
            attempt = locked.filter(pk=pk, state=State.WAITING).first()
            if attempt is None:
                continue
            Turn.objects.update_or_create(person_id=attempt.person_id, defaults={"served": now})
            if being_marked(attempt.person_id).exists():  # another machine has begun another of theirs
                continue
            attempt.state = State.MARKING
            attempt.claim = f"{ME}:{secrets.token_hex(8)}"
            attempt.held_until = now + HELD
            attempt.progress = None
            attempt.save(update_fields=["state", "claim", "held_until", "progress"])
            return attempt
    return None


def mine(attempt: Attempt) -> QuerySet[Attempt]:
    """This attempt, for as long as nobody else has it."""
    return Attempt.objects.filter(pk=attempt.pk, state=State.MARKING, claim=attempt.claim)


def hold(attempt: Attempt, progress: list[dict[str, Any]] | None) -> bool:
    """Goes on holding it, and shows the results so far. False: somebody else has it now."""
    return mine(attempt).update(held_until=timezone.now() + HELD, progress=progress) == 1


def give_back(attempt: Attempt) -> None:
    """After a fault of ours: it is marked again, in a while, and costs nobody anything."""
    mine(attempt).update(**unclaimed(attempt.faults + 1))


def give_back_raised(attempt: Attempt) -> None:
    """After an error in marking it. One that brings it about each time is put aside, where it costs nobody anything
    and its person may hand in again; whatever it was worth before stands."""
    raised = attempt.raised + 1
    if raised < RAISED_MAX:
        mine(attempt).update(**unclaimed(attempt.faults + 1), raised=raised)
        return
    is_unknown = attempt.report is None
    after = {"state": State.ASIDE if is_unknown else State.MARKED, "remarking": None}
    if not (is_unknown or attempt.is_free):
        raised = 0  # else one that was marked well before would cost nothing from now on
    with transaction.atomic():
        gone = {**unclaimed(attempt.faults + 1), **after, "raised": raised}
        if mine(attempt).update(**gone) and attempt.remarking is not None:
            Remarked.objects.create(
                remarking=attempt.remarking, attempt=attempt, before=attempt.points, after=None, tests=[]
            )


def unclaimed(faults: int) -> dict[str, Any]:
    pause_seconds = PAUSES_SECONDS[min(faults, len(PAUSES_SECONDS)) - 1] if faults else 0
    return {
        "state": State.WAITING,
        "claim": "",
        "held_until": None,
        "progress": None,
        "faults": faults,
        "due": timezone.now() + timedelta(seconds=pause_seconds),
    }


def end() -> int:
    """This process takes no more, and gives back what it holds."""
    _ending.set()
    ours = Attempt.objects.filter(state=State.MARKING, claim__startswith=f"{ME}:")
    return ours.update(state=State.WAITING, claim="", held_until=None, progress=None, due=timezone.now())


def free_the_lost() -> int:
    """Those whose marker has died."""
    lost = list(Attempt.objects.filter(state=State.MARKING, held_until__lt=timezone.now()))
    return sum(mine(attempt).update(**unclaimed(attempt.faults + 1)) for attempt in lost)


def position(attempt: Attempt) -> int:
    """How many are marked before this one is begun; 0 for one that is not waiting."""
    if attempt.state != State.WAITING:
        return 0
    before = list(waiting().values_list("pk", flat=True))
    return before.index(attempt.pk) if attempt.pk in before else len(before)

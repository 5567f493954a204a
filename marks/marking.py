"""Marks one attempt: runs its tests, shows the results as they come, writes down what it is worth. For tickets.py.

How a submission fails is a result. What is raised is a fault of ours: the attempt waits again, which costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any, Final

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from accounts import memory
from exercises import marking
from exercises.exercise import Exercise
from exercises.report import Report, TestResult
from marks import catalogue, standing, turns
from marks.models import Attempt, Remarked, State
from marks.storable import storable
from sandbox.faults import SandboxError

LOOK_SECONDS: Final = 0.3
# What the machine lacks at the moment, and what the next attempt would meet as well.
PASSING: Final = (SandboxError, OSError, MemoryError, OperationalError, InterfaceError)
log = logging.getLogger(__name__)


def mark_claimed(attempt: Attempt) -> None:
    """Never raises: what goes wrong is ours, and it is tried again."""
    try:
        exercise = catalogue.find(attempt.edition, attempt.exercise)
        report = async_to_sync(run)(attempt, exercise, memory.budget_bytes(attempt.person))
        write_down(attempt, exercise, report)
    except PASSING as fault:
        log.warning("%s could not be marked: %s", attempt, type(fault).__name__)
        turns.give_back(attempt)
    except Exception:
        log.exception("%s could not be marked", attempt)
        turns.give_back_raised(attempt)


async def run(attempt: Attempt, exercise: Exercise, budget_bytes: int) -> Report:
    results: list[TestResult] = []
    holding = asyncio.create_task(go_on_holding(attempt, results))
    try:
        return await marking.mark(
            exercise,
            attempt.files,
            str(settings.IVLE_SANDBOX_SOCKET),
            hidden=True,
            told=results.append,
            owner=attempt.person.username,
            limits=settings.CGI_LIMITS,
            budget_bytes=budget_bytes,
            environment=attempt.course.environment,
        )
    finally:
        holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding


async def go_on_holding(attempt: Attempt, results: list[TestResult]) -> None:
    shown, held = 0, time.monotonic()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if len(results) > shown or time.monotonic() - held >= turns.HOLD_AGAIN_SECONDS:
            shown, held = len(results), time.monotonic()
            progress = storable([result.to_message() for result in results])
            await database_sync_to_async(turns.hold)(attempt, progress)


def write_down(attempt: Attempt, exercise: Exercise, report: Report) -> bool:
    """False, and nothing is written, where somebody else has it by now."""
    before, message = attempt.report, storable(report.to_message())
    with transaction.atomic():
        written = turns.mine(attempt).update(
            state=State.MARKED,
            report=message,
            points=report.points,
            of_points=report.of_points,
            marked=timezone.now(),
            claim="",
            held_until=None,
            progress=None,
            remarking=None,
        )
        if not written:
            return False
        remarking = attempt.remarking
        if before is None:
            standing.note_try(attempt.course, attempt.person, attempt.exercise, attempt.digest, solved(message))
        elif remarking is not None:
            differing = tests_that_differ(before, message)
            if differing or attempt.points != report.points:
                Remarked.objects.create(
                    remarking=remarking, attempt=attempt, before=attempt.points, after=report.points, tests=differing
                )
        standing.count_attempts(attempt, exercise, remarking)
    return True


def solved(message: dict[str, Any]) -> bool:
    return all(result["passed"] for result in message["results"])


def tests_that_differ(before: dict[str, Any], after: dict[str, Any]) -> list[list[Any]]:
    """[title, passed now] of those that were otherwise, or not there at all."""
    old = {result["title"]: result["passed"] for result in before["results"]}
    return [
        [result["title"], result["passed"]]
        for result in after["results"]
        if old.get(result["title"]) != result["passed"]
    ]

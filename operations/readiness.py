"""What this machine lacks to serve people, found by asking it. For /readyz, the alarms and the machine page."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from operations import heartbeat
from operations.questions import ANSWER_SECONDS, Question
from sandbox import machine
from sandbox.faults import SandboxError

MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Lack:
    """`sign` names it for programs, one word; the sentence is for people."""

    sign: str
    sentence: str


SIGNS: Final = ("database", "migrations", "supervisor", "interpreter", "data", "disk", "warden")


async def lacks(status: dict[str, Any] | None = None) -> list[Lack]:
    """Nothing where all is well. `status` is the supervisor's, where it has just been asked."""
    answers = await asyncio.gather(
        answer_of(database, "database", _("the database does not answer within %(seconds)d s")),
        lacks_of_supervisor(status),
        answer_of(data, "data", _("the disk of the data folder does not answer within %(seconds)d s")),
        answer_of(warden, "warden", _("the disk does not say within %(seconds)d s when the warden was last seen")),
    )
    return [lack for lacks in answers for lack in lacks]


async def answer_of(question: Question[list[Lack]], sign: str, late: str) -> list[Lack]:
    try:
        return await question.answer()
    except TimeoutError:
        return [Lack(sign, late % {"seconds": ANSWER_SECONDS})]


def lacks_of_database() -> list[Lack]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = pending_migrations()
    except DatabaseError:
        return [Lack("database", _("the database does not answer"))]
    if waiting:
        sentence = _("the database is older than ivle (%(count)d migrations are pending); restart ivle, or migrate")
        return [Lack("migrations", sentence % {"count": waiting})]
    return []


_migrated: set[str] = set()  # databases of which this process knows that nothing is pending: that does not change


def pending_migrations() -> int:
    name = str(connection.settings_dict["NAME"])
    if name in _migrated:
        return 0
    executor = MigrationExecutor(connection)
    count = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not count:
        _migrated.add(name)
    return count


async def status_of_supervisor() -> dict[str, Any] | None:
    """None where it does not answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await machine.status(settings.IVLE_SANDBOX_SOCKET)
    except (SandboxError, TimeoutError):
        return None


async def lacks_of_supervisor(status: dict[str, Any] | None) -> list[Lack]:
    status = status or await status_of_supervisor()
    if status is None:
        return [Lack("supervisor", _("the sandbox supervisor does not answer, so no code runs"))]
    dead = [name for name, nursery in status["consoles"].items() if nursery["zygote_pid"] is None]
    sentence = _("the students' interpreter is not running (%(names)s), so programs wait or fail")
    return [Lack("interpreter", sentence % {"names": ", ".join(dead)})] if dead else []


def lacks_of_data() -> list[Lack]:
    """Tried, not looked up: a file system that was made read-only says so only to who writes."""
    try:
        for folder in (settings.IVLE_DATA / "run", settings.IVLE_HOMES):
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"ready")
        room = free_bytes()
    except OSError as error:
        return [Lack("data", _("the data folder cannot be written to: %(why)s") % {"why": error.strerror})]
    if room >= settings.IVLE_DISK_RESERVE_MB * MIB:
        return []
    sentence = _("the disk is down to its reserve: %(free)d MB are free, %(kept)d MB are kept; nothing can be saved")
    return [Lack("disk", sentence % {"free": room // MIB, "kept": settings.IVLE_DISK_RESERVE_MB})]


def free_bytes() -> int:
    """Of the disk that the homes are on."""
    disk = os.statvfs(settings.IVLE_HOMES)
    return disk.f_bavail * disk.f_frsize


def lacks_of_warden() -> list[Lack]:
    age = heartbeat.age_seconds()
    if age is None:
        return [Lack("warden", _("the warden has never run here, so nobody watches and no alarm is told"))]
    if age <= heartbeat.LATE_SECONDS:
        return []
    sentence = _("the warden has not been seen for %(seconds)d s, so nobody watches and no alarm is told")
    return [Lack("warden", sentence % {"seconds": age})]


database: Final = Question(lacks_of_database)
data: Final = Question(lacks_of_data)
warden: Final = Question(lacks_of_warden)
disk: Final = Question(free_bytes)


async def free_bytes_known() -> int | None:
    """None where the disk does not say it, or not in time (TimeoutError is an OSError)."""
    try:
        return await disk.answer()
    except OSError:
        return None

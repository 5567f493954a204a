"""Publishing a course: everything is looked at and tried, and where nothing is wrong it becomes an edition.

For the page and the commands. docs/decisions/0079-publishing.md says why it takes one request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from channels.db import database_sync_to_async
from django.conf import settings

from accounts.memory import usual_bytes
from accounts.models import Person
from courses import editions
from courses.models import Course, Edition
from sandbox.environments import STANDARD
from tutorial.linting import lint
from tutorial.outline import outline_of
from tutorial.page import Fault
from tutorial.trying import Progress, try_course

FAULTS_MAX: Final = 200
OWNER: Final = "ivle.publishing"  # no login name has a dot
Told = Callable[[Progress], None]


class NotPublished(Exception):
    """With what is to be mended first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.file}:{fault.line}: {fault.reason}" for fault in faults[:FAULTS_MAX]))
        self.faults = faults[:FAULTS_MAX]


async def check(
    files: Mapping[str, bytes], slug: str, told: Told | None = None, environment: str = ""
) -> tuple[Fault, ...]:
    """All that is wrong. What cannot even be read is not run. Raises SandboxError where nothing can be run."""
    found = await asyncio.to_thread(lint, files, slug)
    if found:
        return found
    socket = str(settings.IVLE_SANDBOX_SOCKET)
    where: Any = {"limits": settings.CGI_LIMITS, "environment": environment or STANDARD}
    where["budget_bytes"] = usual_bytes()
    return await try_course(files, slug, socket, owner=OWNER, told=told, **where)


async def publish(course: Course, files: Mapping[str, bytes], by: Person, told: Told | None = None) -> Edition:
    """Raises NotPublished, BadEdition and SandboxError. What is checked is what is published, whatever is written
    meanwhile."""
    kept = await asyncio.to_thread(read_all, files)
    faults = await check(kept, course.slug, told, course.environment)
    if faults:
        raise NotPublished(faults)
    edition: Edition = await database_sync_to_async(add)(course, kept, by)
    return edition


def add(course: Course, files: Mapping[str, bytes], by: Person) -> Edition:
    edition = editions.add(course, files, by)
    outline_of(edition)
    return edition


def read_all(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Raises BadEdition before it takes too much memory."""
    kept: dict[str, bytes] = {}
    left_bytes = editions.TOTAL_MAX_BYTES
    for name in files:
        content = files.get(name)
        if content is None:
            continue  # gone meanwhile
        kept[name] = content
        left_bytes -= len(content)
        if left_bytes < 0 or len(kept) > editions.FILES_MAX:
            break
    editions.check(kept)
    return kept

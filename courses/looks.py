"""The log of looks: who looked at whose things, once for each thing and hour. Whoever was looked at can read it.

Called wherever somebody is shown what is another's: files, consoles, runs, the editor. Not for the event loop.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Person
from courses.access import taught_together
from courses.models import LOOK_PATH_MAX_CHARACTERS, Course, Look

FOLDER: Final = "folder"
FILE: Final = "file"
VERSIONS: Final = "versions"
TRASH: Final = "trash"
ZIP: Final = "zip"
CONSOLE: Final = "console"
CONSOLES: Final = "consoles"  # the list of them
RUN: Final = "run"
ATTEMPT: Final = "attempt"
MORE: Final = "more"  # in place of all beyond THINGS_AN_HOUR_MAX

THINGS_AN_HOUR_MAX: Final = 500  # of one owner, by one viewer
KEPT: Final = timedelta(days=400)
KNOWN_MAX: Final = 4096
_known: dict[str, None] = {}  # keys that are written already: most looks are repeated within seconds


def note(viewer: Person, owner: str, what: str, path: str = "", course: Course | None = None) -> None:
    """Writes down that the viewer is shown this, in this course; without one, in the open one that lets them look.
    `path` is percent-encoded, as the API of files has it. What people see of their own is no look."""
    if viewer.username == owner:
        return
    now = timezone.now()
    path = storable(path)
    key = key_of(viewer, owner, what, path, now)
    if key in _known:
        return
    whose = Person.objects.filter(username=owner).first()
    if whose is None:
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    if Look.objects.filter(viewer=viewer, owner=whose, at__gte=hour).count() >= THINGS_AN_HOUR_MAX:
        what, path = MORE, ""
    course = course or taught_together(viewer, owner).first()
    look = Look(viewer=viewer, owner=whose, course=course, what=what, path=path, at=now)
    look.key = key_of(viewer, owner, what, path, now)
    Look.objects.bulk_create([look], ignore_conflicts=True)
    Look.objects.filter(owner=whose, at__lte=now - KEPT).delete()
    transaction.on_commit(lambda: remember(key))


def storable(path: str) -> str:
    """Without what no database keeps: half characters and NUL."""
    text = path[:LOOK_PATH_MAX_CHARACTERS].replace("\0", "?")
    return text.encode("utf-8", "replace").decode("utf-8")


def remember(key: str) -> None:
    if len(_known) >= KNOWN_MAX:
        _known.clear()
    _known[key] = None


def key_of(viewer: Person, owner: str, what: str, path: str, at: datetime) -> str:
    text = "\0".join((str(viewer.pk), owner, what, path, f"{at:%Y-%m-%d %H}"))
    return hashlib.sha256(text.encode()).hexdigest()


def looks_in(course: Course) -> QuerySet[Look]:
    """Of its staff, the latest first."""
    return Look.objects.filter(course=course).select_related("viewer", "owner", "course")


def looks_at(owner: Person) -> QuerySet[Look]:
    """The latest first."""
    return Look.objects.filter(owner=owner, at__gt=timezone.now() - KEPT).select_related("viewer", "owner", "course")

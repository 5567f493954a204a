"""Whether there is room for one more guest: what buttons and pages ask before anything is started.

A glance, a few seconds old at most, so that asking costs nothing however many ask; starting.py looks for itself.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from asgiref.sync import async_to_sync
from django.conf import settings

from sandbox.faults import SandboxError
from shells import census, switch

GLANCE_SECONDS: Final = 2.0


class Room(StrEnum):
    ROOM = "room"
    FULL = "full"
    OFF = "off"
    AWAY = "away"  # the sandbox


@dataclass(frozen=True)
class Seen:
    room: Room
    until: float  # by the monotonic clock


_looking = threading.Lock()
_seen: Seen | None = None


def glance() -> Room:
    """While one looks, all others go by what was seen before."""
    seen = _seen
    if seen is None:
        return look_again()
    if seen.until < time.monotonic() and _looking.acquire(blocking=False):
        try:
            return look_again()
        finally:
            _looking.release()
    return seen.room


def look_again() -> Room:
    global _seen
    _seen = Seen(look(), time.monotonic() + GLANCE_SECONDS)
    return _seen.room


def look() -> Room:
    if not switch.is_on():
        return Room.OFF
    try:
        count = len(async_to_sync(census.guests_who_run)())
    except SandboxError:
        return Room.AWAY
    return Room.FULL if count >= settings.IVLE_GUESTS_MAX else Room.ROOM


def forget() -> None:
    """The switch was turned here: what was seen is not so any more."""
    global _seen
    _seen = None

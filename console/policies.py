"""Which session somebody gets who wants a console: one that is there, or a new one. Pure; starting.py asks.

As in terminado: single (one for all), unique (one for each watcher), named (get or create).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from django.utils.translation import ngettext

from sandbox.consoles import SessionInfo


class TooMany(Exception):
    """A maximum is reached. Its text is a sentence for the person."""


class Queued(TooMany):
    """Not now, but the place in the queue is kept for who asks again soon: `place` is a sentence that says which."""

    def __init__(self, sentence: str, place: str, retry_after_seconds: int) -> None:
        super().__init__(sentence)
        self.place = place
        self.retry_after_seconds = retry_after_seconds


class Policy(Protocol):
    kind: ClassVar[str]
    ends_with_its_watcher: ClassVar[bool]

    def choose(self, name: str, sessions: Sequence[SessionInfo]) -> SessionInfo | str:
        """One of the owner's `sessions`, or the name for a new one. Raises TooMany. A `name` of "" is no wish."""


@dataclass(frozen=True)
class Single:
    """One session, whoever asks and from how many pages."""

    kind: ClassVar[str] = "single"
    ends_with_its_watcher: ClassVar[bool] = False

    def choose(self, name: str, sessions: Sequence[SessionInfo]) -> SessionInfo | str:
        return next(iter(of_policy(self.kind, sessions)), self.kind)


@dataclass(frozen=True)
class Unique:
    """A session of its own for each that asks, which ends when its watcher has gone."""

    maximum: int
    kind: ClassVar[str] = "unique"
    ends_with_its_watcher: ClassVar[bool] = True

    def choose(self, name: str, sessions: Sequence[SessionInfo]) -> SessionInfo | str:
        check_room(self.maximum, of_policy(self.kind, sessions))
        return free_name(sessions)


@dataclass(frozen=True)
class Named:
    """The session of that name, or a new one; without a name, a new one. How many there are in all, the supervisor
    minds: it alone knows at every moment."""

    maximum_of_owner: int
    kind: ClassVar[str] = "named"
    ends_with_its_watcher: ClassVar[bool] = False

    def choose(self, name: str, sessions: Sequence[SessionInfo]) -> SessionInfo | str:
        running = live(sessions)
        for session in running:
            if name and session.about["name"] == name:
                return session
        check_room(self.maximum_of_owner, running)
        return name or free_name(sessions)


def live(sessions: Sequence[SessionInfo]) -> list[SessionInfo]:
    """Without those that only show how their program ended: they are in nobody's way."""
    return [session for session in sessions if session.outcome is None and session.fault is None]


def of_policy(kind: str, sessions: Sequence[SessionInfo]) -> list[SessionInfo]:
    return [session for session in live(sessions) if session.about["policy"] == kind]


def check_room(maximum: int, sessions: Sequence[SessionInfo]) -> None:
    if len(sessions) >= maximum:
        raise TooMany(
            ngettext(
                "You have %(count)d console, and no more is possible at one time. End it first.",
                "You have %(count)d consoles, and no more are possible at one time. End one first.",
                len(sessions),
            )
            % {"count": len(sessions)}
        )


def free_name(sessions: Sequence[SessionInfo]) -> str:
    """The lowest number that is nobody's name."""
    taken = {session.about["name"] for session in sessions}
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)

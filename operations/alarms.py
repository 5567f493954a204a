"""When trouble becomes an alarm, and when it is over: told once each, however often it is looked at. Decides only.

Trouble has to last before it is told, and to be gone for as long before it is over. What comes and goes all the time is
over only after CALM_SECONDS, so that nobody is told more than a few times an hour. watch.py looks, telling.py tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from operations.questions import Question
from operations.readiness import SIGNS as LACKS

SIGNS: Final = (
    *(sign for sign in LACKS if sign != "warden"),
    *("queue", "memory", "consoles", "jails", "marking", "crashing", "backup"),
)
TEST_SIGN: Final = "test"
HOUR_SECONDS: Final = 3600.0
OFTEN: Final = 3  # times told in an hour, from which on it counts as coming and going
CALM_SECONDS: Final = 900.0
PAUSE_MAX_SECONDS: Final = 300.0  # between two tries to tell


@dataclass(frozen=True)
class Alarm:
    """One sign, through its troubles. Times are Unix seconds."""

    sign: str
    sentence: str = ""
    bad_since: float | None = None
    good_since: float | None = None
    told_at: float | None = None  # None: it is no alarm
    told_before: tuple[float, ...] = ()  # within the last hour


@dataclass(frozen=True)
class News:
    """What is to be told."""

    sign: str
    is_over: bool
    sentence: str
    since: float


def step(alarm: Alarm, sentence: str | None, now: float, after_seconds: float) -> tuple[Alarm, News | None]:
    """`sentence` is the trouble seen now, None where all is well."""
    told_before = tuple(at for at in alarm.told_before if 0 <= now - at < HOUR_SECONDS)
    alarm = replace(alarm, told_before=told_before)
    if sentence is not None:
        since = earlier(alarm.bad_since, now)
        alarm = replace(alarm, sentence=sentence, bad_since=since, good_since=None)
        if alarm.told_at is not None or now - since < after_seconds:
            return alarm, None
        return replace(alarm, told_at=now, told_before=(*told_before, now)), News(alarm.sign, False, sentence, since)
    if alarm.told_at is None:
        return replace(alarm, bad_since=None, good_since=None), None
    good_since = earlier(alarm.good_since, now)
    wait_seconds = CALM_SECONDS if len(told_before) >= OFTEN else after_seconds
    if now - good_since < wait_seconds:
        return replace(alarm, good_since=good_since), None
    news = News(alarm.sign, True, alarm.sentence, alarm.bad_since or alarm.told_at)
    return Alarm(alarm.sign, told_before=told_before), news


def earlier(known: float | None, now: float) -> float:
    """A clock that was set back must not make anything wait for ever."""
    return now if known is None else min(known, now)


@dataclass
class Letter:
    """News on its way by one of the hooks."""

    hook: str
    message: dict[str, Any]
    tries: int = 0
    due: float = 0.0

    @property
    def sign(self) -> str:
        return str(self.message.get("sign", ""))

    def is_due(self, now: float) -> bool:
        """At once where it seems to be due later than it can be: the clock was set back meanwhile."""
        return not now < self.due <= now + PAUSE_MAX_SECONDS


@dataclass
class Book:
    """All that is known, as it is kept over a restart of the warden."""

    alarms: dict[str, Alarm] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)

    def as_text(self) -> str:
        alarms = {sign: asdict(alarm) for sign, alarm in self.alarms.items()}
        return json.dumps({"alarms": alarms, "letters": [asdict(letter) for letter in self.letters]})

    @classmethod
    def from_text(cls, text: str) -> Book:
        """An empty one where it makes no sense: then something is told a second time."""
        try:
            content = json.loads(text)
            alarms = {sign: read_alarm(about) for sign, about in content["alarms"].items()}
            return cls(alarms, [read_letter(about) for about in content["letters"]])
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()


def read_alarm(about: Mapping[str, Any]) -> Alarm:
    return Alarm(**{**about, "told_before": tuple(about["told_before"])})


def read_letter(about: Mapping[str, Any]) -> Letter:
    letter = Letter(**about)
    if not isinstance(letter.message, dict) or not isinstance(letter.tries + letter.due, float | int):
        raise TypeError("this is no letter")
    return letter


def place() -> Path:
    return Path(settings.IVLE_DATA / "run" / "alarms.json")


def read() -> Book:
    try:
        return Book.from_text(place().read_text())
    except (OSError, ValueError):  # or a disk has made something else of its text
        return Book()


def read_told() -> list[Alarm]:
    """Those that were told and are not over."""
    return [alarm for alarm in read().alarms.values() if alarm.told_at is not None]


told: Final = Question(read_told)


def write(text: str) -> None:
    """Of a book. Raises OSError."""
    new = place().with_suffix(".new")
    new.write_text(text)
    new.replace(place())

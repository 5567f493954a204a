"""The first lines of a tutorial, between two lines of three dashes: opens, closes, hidden. Called by reading.py."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from tutorial.page import Dates

FENCE: Final = "---"
LINES_MAX: Final = 20
DATED: Final = ("opens", "closes")
YES_AND_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
Tell = Callable[[int, str], None]


def split_front_matter(text: str, tell: Tell) -> tuple[Dates, str]:
    """What it says, and the text with empty lines in its place, so that lines keep their numbers. What is wrong with it
    is told, with its line."""
    lines = text.split("\n")
    if lines[0].strip() != FENCE:
        return Dates(), text
    ends = [number for number, line in enumerate(lines[1 : LINES_MAX + 2], 1) if line.strip() == FENCE]
    if not ends:
        tell(1, _("The lines between --- and --- have no second ---."))
        return Dates(), text
    found: dict[str, Any] = {}
    for number, line in enumerate(lines[1 : ends[0]], 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in READERS:
            tell(number, unknown(key))
            continue
        field, read = READERS[key]
        try:
            found[field] = read(value)
        except ValueError as fault:
            tell(number, str(fault))
    dates = Dates(**found)
    if dates.opens and dates.closes and dates.opens >= dates.closes:
        tell(1, _("It closes before it opens."))
    return dates, "\n".join([*[""] * (ends[0] + 1), *lines[ends[0] + 1 :]])


def without_dates(text: str) -> str:
    """The same tutorial, always open; hidden, if it is."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines[1 : LINES_MAX + 2], 1) if line.strip() == FENCE]
    if lines[0].strip() != FENCE or not ends:
        return text
    kept = [line for line in lines[1 : ends[0]] if line.partition(":")[0].strip() not in DATED]
    if not any(line.strip() for line in kept):
        return "\n".join(lines[ends[0] + 1 :])
    return "\n".join([lines[0], *kept, *lines[ends[0] :]])


def unknown(key: str) -> str:
    near = difflib.get_close_matches(key, READERS, 1)
    if near:
        return _("There is no %(key)s. Did you mean %(near)s?") % {"key": key[:40], "near": near[0]}
    return _("Here can stand opens:, closes: and hidden:, each with its value.")


def moment(value: str, default: time) -> datetime:
    """Raises ValueError, with a sentence. In the site's time zone."""
    try:
        if len(value) > 10:
            naive = datetime.strptime(value.replace("T", " "), "%Y-%m-%d %H:%M")
        else:
            naive = datetime.combine(datetime.strptime(value, "%Y-%m-%d"), default)
    except ValueError:
        raise ValueError(
            _("%(value)s is not a date. Write 2027-03-31 or 2027-03-31 18:00.") % {"value": value[:40] or "“”"}
        ) from None
    return timezone.make_aware(naive)


def read_opens(value: str) -> datetime:
    return moment(value, time.min)


def read_closes(value: str) -> datetime:
    """A day alone: its end."""
    return moment(value, time(23, 59, 59, 999999))


def read_switch(value: str) -> bool:
    if value.lower() not in YES_AND_NO:
        raise ValueError(_("hidden is yes or no."))
    return YES_AND_NO[value.lower()]


READERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "opens": ("opens", read_opens),
    "closes": ("closes", read_closes),
    "hidden": ("is_hidden", read_switch),
}

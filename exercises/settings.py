"""Reads the values of settings: numbers with units, names of comparisons, rules for attempts. Each raises ValueError
with a reason for the lecturer who wrote it."""

from __future__ import annotations

import math
import re

from exercises.exercise import Comparison, Counts, Late

PERCENT = re.compile(r"(?P<number>[0-9.]+)\s*%?")
SECONDS = re.compile(r"(?P<number>[0-9.]+)\s*(?:s|seconds?)?")
MEMORY = re.compile(r"(?P<number>[0-9]+)\s*(?:MB|MiB)?", re.IGNORECASE)
LATE = re.compile(r"(?P<percent>[0-9.]+)\s*%\s*(?:a|per) day(?:,\s*(?P<days>[0-9]+) days?)?")
WITHIN = re.compile(r"numbers within (?P<number>[0-9.eE+-]+)")
POINTS_MAX = 10_000
LATE_MAX_DAYS = 3_650
CPU_SECONDS_MAX = 60.0
MEMORY_MAX_MIB = 1024
MIB = 1024 * 1024
FLAGS = {
    "exact": "is_exact",
    "ignore spaces": "ignores_space",
    "ignore case": "ignores_case",
    "any order": "ignores_order",
    "pattern": "is_pattern",
}


def number(text: str, most: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise ValueError(f"{what} is a number from 0 to {most:g}, and not {text!r}")
    return value


def points(text: str) -> float:
    return number(text, POINTS_MAX, "`points`")


def whole(text: str, most: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
        raise ValueError(f"{what} is a whole number from 1 to {most}, and not {text!r}")
    return int(text)


def percent(text: str) -> float:
    found = PERCENT.fullmatch(text)
    return number(found["number"] if found else text, 100, "a share in percent")


def cpu_seconds(text: str) -> float:
    found = SECONDS.fullmatch(text)
    value = number(found["number"] if found else text, CPU_SECONDS_MAX, "`time` in seconds")
    if not value:
        raise ValueError("`time` is more than 0 seconds")
    return value


def memory_bytes(text: str) -> int:
    found = MEMORY.fullmatch(text)
    return MIB * whole(found["number"] if found else text, MEMORY_MAX_MIB, "`memory` in MB")


def exit_status(text: str) -> int | None:
    """None where any will do."""
    return None if text == "any" else int(number(text, 255, "`exit`, unless it is `any`,"))


def counts(text: str) -> Counts:
    try:
        return Counts(text)
    except ValueError:
        raise ValueError(f"`counts` is `best` or `last`, and not {text!r}") from None


def late(text: str) -> Late:
    if text in ("accepted", "refused"):
        return Late(is_accepted=text == "accepted")
    found = LATE.fullmatch(text)
    if found is None:
        raise ValueError(f"`late` is `accepted`, `refused` or such as `10 % a day, 5 days`, and not {text!r}")
    days = found["days"]
    days_max = int(number(days, LATE_MAX_DAYS, "how many days")) if days else None
    return Late(True, percent(found["percent"]), days_max)


def comparison(text: str) -> Comparison:
    chosen: dict[str, bool | float] = {}
    for word in (word.strip().lower() for word in text.split(",")):
        within = WITHIN.fullmatch(word)
        if within:
            chosen["within"] = number(within["number"], 1e300, "`numbers within`")
        elif word in FLAGS:
            chosen[FLAGS[word]] = True
        else:
            known = ", ".join([*FLAGS, "numbers within 0.01"])
            raise ValueError(f"{word!r} is no way to compare; there are: {known}")
    stands_alone = "is_exact" in chosen or "is_pattern" in chosen
    if stands_alone and len(chosen) > 1 and set(chosen) != {"is_pattern", "ignores_case"}:
        raise ValueError("`exact` and `pattern` stand alone; with `pattern` there may be `ignore case`")
    return Comparison(**chosen)  # type: ignore[arg-type]


def names(text: str) -> tuple[str, ...]:
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise ValueError("what is it that must or must not be used?")
    return found

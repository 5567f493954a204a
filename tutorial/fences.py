"""The first line of a fenced block: ```python run name=greet. What it makes of the block. Called by reading.py."""

from __future__ import annotations

import difflib
import re
import shlex
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,39})")
EXERCISE_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
FILE: Final = re.compile(r"/?(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}/){0,4}[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
SWITCHES: Final = {"python": ("run", "repl"), "output": ("hidden",), "input": (), "exercise": ()}
KEYS: Final = {"python": ("name", "setup", "file", "web"), "output": (), "input": (), "exercise": ()}
KEYS_OF_ANY: Final = ("file", "name")  # any language can be in a file


class BadFence(ValueError):
    """Its text is a sentence."""


@dataclass(frozen=True)
class Fence:
    """`language` is the first word; "" where there is none. Of "exercise" the `name` is that of the exercise."""

    language: str = ""
    switches: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.values.get("name", "")


def read_fence(info: str) -> Fence:
    """Raises BadFence."""
    try:
        words = shlex.split(info)
    except ValueError:
        raise BadFence(_("This line has a quotation mark without its partner.")) from None
    if not words:
        return Fence()
    language, *rest = words
    if language == "exercise":
        return exercise(rest)
    switches: set[str] = set()
    values: dict[str, str] = {}
    for word in rest:
        key, equals, value = word.partition("=")
        if not equals and key in SWITCHES.get(language, ()):
            switches.add(key)
        elif equals and key in KEYS.get(language, KEYS_OF_ANY):
            if key in values:
                raise BadFence(_("%(key)s is here twice.") % {"key": key})
            values[key] = checked(key, value)
        else:
            raise BadFence(unknown(language, word))
    fence = Fence(language, frozenset(switches), values)
    check_together(fence)
    return fence


def exercise(words: list[str]) -> Fence:
    if len(words) != 1 or not EXERCISE_NAME.fullmatch(words[0]):
        raise BadFence(_("An exercise has its name here, of a-z, 0-9 and -, as its file in exercises/ has it."))
    return Fence("exercise", values={"name": words[0]})


def checked(key: str, value: str) -> str:
    if key in ("file", "web"):
        if not FILE.fullmatch(value) or ".." in value:
            raise BadFence(
                _("%(value)s cannot be the path of a file here. It has letters, digits, ., _, - and at most four /.")
                % {"value": value[:80] or "“”"}
            )
        if key == "web" and not value.endswith((".py", ".html")):
            raise BadFence(_("A web page is a file that ends in .py or .html."))
    elif not NAME.fullmatch(value):
        raise BadFence(_("%(key)s is a name of at most 40 of a-z, 0-9, _ and -.") % {"key": key})
    return value


def unknown(language: str, word: str) -> str:
    known = [*SWITCHES.get(language, ()), *(f"{key}=" for key in KEYS.get(language, KEYS_OF_ANY))]
    near = difflib.get_close_matches(word.partition("=")[0], [one.rstrip("=") for one in known], 1)
    if near:
        return _("%(word)s means nothing here. Did you mean %(near)s?") % {"word": word[:40], "near": near[0]}
    if not known:
        return _("%(word)s means nothing here.") % {"word": word[:40]}
    return _("%(word)s means nothing here. Known are %(known)s.") % {"word": word[:40], "known": ", ".join(known)}


def check_together(fence: Fence) -> None:
    kinds = [*sorted(fence.switches - {"hidden"}), *(key for key in ("file", "web") if key in fence.values)]
    if len(kinds) > 1:
        raise BadFence(_("A box is one of these, not both: %(kinds)s.") % {"kinds": ", ".join(kinds)})
    if fence.name and not kinds:
        raise BadFence(_("A name is for boxes. Did you forget run?"))
    if "web" in kinds and "setup" in fence.values:
        raise BadFence(_("A web page has no set-up code: it runs as its visitors see it."))

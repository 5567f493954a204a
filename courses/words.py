"""What was looked at, in words. Translated."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses import looks
from courses.models import Look

KINDS: Final = {
    looks.FOLDER: gettext_lazy("the folder"),
    looks.FILE: gettext_lazy("the file"),
    looks.VERSIONS: gettext_lazy("earlier versions of"),
    looks.TRASH: gettext_lazy("what is deleted"),
    looks.ZIP: gettext_lazy("a download of"),
    looks.CONSOLE: gettext_lazy("a console:"),
    looks.CONSOLES: gettext_lazy("the list of consoles"),
    looks.RUN: gettext_lazy("a run of"),
    looks.ATTEMPT: gettext_lazy("what was handed in:"),
    looks.MORE: gettext_lazy("more than can be listed"),
}
NAMED: Final = {looks.FOLDER, looks.ZIP, looks.RUN}  # "" is the whole home


def thing(look: Look) -> str:
    """The name or path of what was looked at."""
    name = unquote(look.path, errors="replace") if look.what not in (looks.CONSOLE, looks.ATTEMPT) else look.path
    return name or (_("everything, from the top") if look.what in NAMED else "")


def kind(look: Look) -> str:
    return str(KINDS.get(look.what, look.what))

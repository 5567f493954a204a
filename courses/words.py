"""What was looked at, in words. Translated."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

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
# Where no path is named, it is the whole home.
WHOLE: Final = {
    looks.FOLDER: gettext_lazy("the list of files"),
    looks.VERSIONS: gettext_lazy("an earlier version of a file"),
    looks.ZIP: gettext_lazy("a download of everything"),
    looks.RUN: gettext_lazy("a run of the page of the whole folder"),
}
AS_WRITTEN: Final = {looks.CONSOLE, looks.ATTEMPT}  # names, and no paths


def kind(look: Look) -> str:
    words = KINDS if look.path else KINDS | WHOLE
    return str(words.get(look.what, look.what))


def thing(look: Look) -> str:
    """The name or path of what was looked at."""
    return look.path if look.what in AS_WRITTEN else unquote(look.path, errors="replace")

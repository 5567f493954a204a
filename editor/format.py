"""A Python text in the usual form, as Ruff writes it. Called by api.py."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from editor.ruff import ANSWER_MAX_BYTES, TooMuch, ask_ruff, target_version

FAILED: Final = re.compile(r"Failed to parse [^:]*:(\d+):(\d+): (.+)")


class NotPython(Exception):
    """Its text is a sentence that says where the text cannot be read."""


def formatted(text: str) -> str:
    """Raises NotPython and TooMuch."""
    answer = ask_ruff("format", target_version(), text)
    if answer.status == 2:
        raise NotPython(sentence(answer.complaint.decode("utf-8", "replace")))
    if len(answer.output) >= ANSWER_MAX_BYTES:
        raise TooMuch
    return answer.output.decode("utf-8")


def sentence(complaint: str) -> str:
    failed = FAILED.search(complaint)
    if failed is None:
        return _("This cannot be formatted, because it is not Python as it stands.")
    return _("This cannot be formatted before the mistake in line %(line)s is mended: %(message)s.") % {
        "line": failed[1],
        "message": failed[3].strip()[:200],
    }

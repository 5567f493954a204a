"""The sentences that the editor says to people. Translated."""

from __future__ import annotations

from django.utils.translation import gettext as _


def nothing_there() -> str:
    return _("There is no such file.")


def busy() -> str:
    return _("Many texts are being checked right now. Wait a moment, then try again.")


def too_much() -> str:
    return _("This text is too long or too deeply nested to be checked. It can be saved and run all the same.")


def only_python() -> str:
    return _("Only Python files can be formatted. This one's name does not end with .py.")


def draft_too_large() -> str:
    return _("A draft can have 2 MB. Save the file to keep what you have typed.")


def no_draft() -> str:
    return _("There is no draft of this file.")

"""The sentences that the editor says to people. Translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from sandbox.outcome import Ended


def busy() -> str:
    return _("Many texts are being checked right now. Wait a moment, then try again.")


def too_much() -> str:
    return _("This text is too long or too deeply nested to be checked. It can be saved and run all the same.")


def too_long(most_kib: int) -> str:
    return _("Texts of up to %(most)d KiB are checked and formatted. This one can be saved and run all the same.") % {
        "most": most_kib
    }


def only_python() -> str:
    return _("Only Python files can be formatted. This one's name does not end with .py.")


def draft_too_large() -> str:
    return _("A draft can have 2 MB. Save the file to keep what you have typed.")


def idle() -> str:
    return _("Nothing was typed for a while, so the suggestions were ended. They come back when you type.")


def no_server_left() -> str:
    return _("There are no suggestions in this editor, because too many others have them. Everything else works.")


def sandbox_away() -> str:
    return _("There are no suggestions right now. Everything else works.")


def it_ended() -> str:
    return _("The suggestions have ended by themselves. They come back when you type.")


def it_used_its_time() -> str:
    return _("The suggestions took too much computing time and were ended. They come back when you type.")


def it_wanted_memory() -> str:
    return _("The suggestions wanted too much memory and were ended. They come back when you type.")


def it_was_long() -> str:
    return _("The suggestions start anew after some hours. They come back when you type.")


def too_large() -> str:
    return _("This file is too large for suggestions. Everything else works.")


def not_text() -> str:
    return _("This page did not keep to the protocol, so its suggestions were ended. Everything else works.")


def too_fast() -> str:
    return _("This page said more than anybody types, so its suggestions were ended. Everything else works.")


def it_says_nonsense() -> str:
    return _("The suggestions did not make sense and were ended. Everything else works.")


def it_does_not_hear() -> str:
    return _("The suggestions did not answer and were ended. They come back when you type.")


def it_was_too_much() -> str:
    return _("Your programs together wanted more than you may use at a time, so the suggestions were ended.")


def going_away() -> str:
    return _("The web server starts anew. The suggestions come back when you type.")


def logged_out() -> str:
    return _("You are logged out. Log in again to go on.")


def rights_gone() -> str:
    return _("You may no longer edit this file.")


HOW_IT_ENDED: Final[dict[Ended, Callable[[], str]]] = {
    Ended.CPU: it_used_its_time,
    Ended.MEMORY: it_wanted_memory,
    Ended.BUDGET: it_was_too_much,
    Ended.WALL: it_was_long,
}

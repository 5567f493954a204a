"""The sentences that guests read. Translated."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def greeting() -> str:
    minutes = settings.IVLE_GUEST_LIFE_MINUTES
    return ngettext(
        "This Python is yours for %(minutes)d minute. Nothing of it is kept.",
        "This Python is yours for %(minutes)d minutes. Nothing of it is kept.",
        minutes,
    ) % {"minutes": minutes}


def off() -> str:
    return _("Shells for guests are switched off at the moment. Come back another day.")


def full() -> str:
    return _("All shells are in use. Wait a minute or two, then try again.")


def away() -> str:
    return _("Shells cannot be started right now. Wait a moment, then try again.")


def outside() -> str:
    return _("This page works inside the pages that may show it. Open one of those, and press the button there.")


def not_here() -> str:
    return _("The page around this one may not show shells of this site. Whoever runs this site can allow it.")


def too_many_at_a_time() -> str:
    return _("Very many people start a shell right now. Wait a minute, then try again.")


def too_many_from_there() -> str:
    return _("So many shells were started from your address that it has to wait. Try again in an hour.")


def too_many_there() -> str:
    return _("There are as many shells open from your address as there may be. End one of them, then try again.")


def time_is_up() -> str:
    minutes = settings.IVLE_GUEST_LIFE_MINUTES
    return ngettext(
        "The %(minutes)d minute of this shell is over.",
        "The %(minutes)d minutes of this shell are over.",
        minutes,
    ) % {"minutes": minutes}


def over() -> str:
    return _("This shell has ended, because its page was away.")


def ended() -> str:
    return _("This shell has ended.")


def ending(seconds: float) -> str:
    return ngettext(
        "The machine is being restarted. Your shell ends in %(seconds)d second.",
        "The machine is being restarted. Your shell ends in %(seconds)d seconds.",
        round(seconds),
    ) % {"seconds": round(seconds)}


def no_restart() -> str:
    return _("A guest’s program cannot be started anew. Start another shell.")


def too_many_pictures() -> str:
    return _("The program makes pictures faster than they can be shown here. Some are left out.")


def off_but_away() -> str:
    return _("Guests are switched off. The sandbox does not answer: what still runs ends once it does.")


def not_shown() -> str:
    return _("The program made a page or a large picture, which a guest’s shell does not show.")

"""The sentences that people read about attempts and marks. Translated."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marks.rules import Refusal, Terms


def not_there() -> str:
    return _("There is no such exercise.")


def broken() -> str:
    return _("This exercise has a fault in its text, so it cannot be worked on. Tell your lecturer.")


def unknown_file(name: str) -> str:
    return _("This exercise has no file %(name)s. Reload the page: it may have changed.") % {"name": name[:80]}


def not_text() -> str:
    return _("This holds characters that no program can have in it.")


def too_large(kilobytes: int) -> str:
    return _("A file that is handed in has at most %(kilobytes)d KB.") % {"kilobytes": kilobytes}


def no_room() -> str:
    return _(
        "You have handed in so much here that nothing more is kept. Ask your lecturer, if you need to hand in again."
    )


def still_marked() -> str:
    return _("Your last attempt is still being marked. Nothing new was handed in.")


def still_checked() -> str:
    return _("Your last check still runs. Wait for it, then check again.")


def same_again(number: int) -> str:
    return _("This is what you handed in as attempt %(number)d already, so it was not handed in again.") % {
        "number": number
    }


def closed(moment: datetime | None) -> str:
    when = date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
    return _("This exercise closed on %(when)s. You can still run and check.") % {"when": when}


def no_more(most: int) -> str:
    return ngettext(
        "You have used your only attempt. You can still run and check.",
        "You have used all of your %(most)d attempts. You can still run and check.",
        most,
    ) % {"most": most}


def course_closed() -> str:
    return _("This course is over: it can be read, and nothing is handed in any more.")


def no_attempt() -> str:
    return _("There is no such attempt.")


def cannot_check() -> str:
    return _("Nothing could be checked, which is our fault, not yours. Try again in a moment.")


def remarked_already() -> str:
    return _("This exercise is being marked again already. Wait until that is done.")


def refusal(is_open: bool, why: Refusal | None, terms: Terms, attempts_used: int) -> str:
    """Empty where something can be handed in."""
    if not is_open:
        return course_closed()
    match why:
        case Refusal.CLOSED:
            return closed(terms.closes)
        case Refusal.NO_MORE:
            return no_more(attempts_used)
    return ""

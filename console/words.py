"""The sentences that a console says to people: how its program ended, why something was refused. Translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from sandbox.limits import MIB, Limits
from sandbox.outcome import Ended, Outcome

UNCAUGHT: Final = (
    1  # the exit status of a program whose exception nobody caught; one of its own choice is mostly another
)


def how_it_ended(outcome: Outcome, limits: Limits) -> str:
    return ENDINGS[outcome.ended](outcome, limits)


def on_finished(outcome: Outcome, limits: Limits) -> str:
    if not outcome.exit_status:
        return _("The program ran to its end.")
    if outcome.exit_status == UNCAUGHT:
        return _("The program stopped because of an error.")
    return _("The program ended and said that it failed.")


def on_cpu(outcome: Outcome, limits: Limits) -> str:
    return _(
        "Your program used its %(seconds)g seconds of CPU time and was stopped. Is there a loop that never ends?"
    ) % {"seconds": limits.cpu_seconds}


def on_wall(outcome: Outcome, limits: Limits) -> str:
    return _("Nothing was typed here for %(minutes)g minutes, so the program was stopped.") % {
        "minutes": round(limits.wall_seconds / 60, 1)
    }


def on_memory(outcome: Outcome, limits: Limits) -> str:
    return _("Your program wanted more than its %(megabytes)g MB of memory and was stopped.") % {
        "megabytes": round(limits.memory_bytes / MIB, 1)
    }


def on_output(outcome: Outcome, limits: Limits) -> str:
    return _("Your program wrote more than %(megabytes)g MB and was stopped.") % {
        "megabytes": round(limits.output_bytes / MIB, 1)
    }


def on_disk(outcome: Outcome, limits: Limits) -> str:
    return _(
        "Your files grew past the %(megabytes)d MB that they may take, so the program was stopped. Delete some."
    ) % {"megabytes": settings.IVLE_QUOTA_MB}


def on_killed(outcome: Outcome, limits: Limits) -> str:
    return _("The program was stopped from outside.")


def on_crashed(outcome: Outcome, limits: Limits) -> str:
    return _("The program crashed: %(signal)s.") % {"signal": outcome.signal_name}


ENDINGS: Final[dict[Ended, Callable[[Outcome, Limits], str]]] = {
    Ended.FINISHED: on_finished,
    Ended.CPU: on_cpu,
    Ended.WALL: on_wall,
    Ended.MEMORY: on_memory,
    Ended.OUTPUT: on_output,
    Ended.DISK: on_disk,
    Ended.KILLED: on_killed,
    Ended.CRASHED: on_crashed,
}


def cut_by_a_fault() -> str:
    return _("The program was stopped by a fault of the site, not by anything that you did. Start it again.")


def read_only(driver: str) -> str:
    if driver:
        return _("%(name)s has the keyboard. Take it to type.") % {"name": driver}
    return _("Nobody has the keyboard. Take it to type.")


def cannot_drive(owner: str) -> str:
    return _("This is %(owner)s’s console. You can type when %(owner)s lets go of the keyboard.") % {"owner": owner}


def only_owner(owner: str) -> str:
    return _("Only %(owner)s can do that here.") % {"owner": owner}


def ended() -> str:
    return _("This console has been closed.")


def gone() -> str:
    return _("This console has ended.")


def expelled() -> str:
    return _("This console was opened again elsewhere with the same page, which has it now.")


def going_away() -> str:
    return _("The web server starts anew. Your console goes on, and this page comes back to it.")


def logged_out() -> str:
    return _("You are logged out. Log in again to go on; the console still runs.")


def rights_gone() -> str:
    return _("You may no longer see this console.")


def too_fast() -> str:
    return _("This page sent more than anybody types, so it was cut off. The console goes on.")


def sandbox_away() -> str:
    return _("Consoles cannot be reached right now. Wait a moment, then try again.")


def not_base64() -> str:
    return _("The input is not base64, or not text.")


def no_stream() -> str:
    return _("The events of this page are not under way here. Ask for them again, then repeat this.")


def too_many_streams(most: int) -> str:
    return _("You follow %(count)d consoles already. Close one of those pages first.") % {"count": most}

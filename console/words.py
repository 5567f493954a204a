"""The sentences that a console says to people: how its program ended, why something was refused. Translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sandbox.faults import MachineShort, OverBudget, SandboxBusy
from sandbox.limits import GIB, MIB, Limits
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
        "Your program used its %(seconds)g seconds of CPU time and was stopped. Is there a loop that never ends? If it "
        "needs more, ask for it: CPU, in the menu of your name."
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


def on_budget(outcome: Outcome, limits: Limits) -> str:
    return _(
        "Your programs together wanted more than you may use at a time. This one was the largest, so it was stopped."
    )


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
    Ended.BUDGET: on_budget,
    Ended.KILLED: on_killed,
    Ended.CRASHED: on_crashed,
}


def no_room(busy: SandboxBusy) -> str:
    """Why nothing can be started now, and what to do."""
    if isinstance(busy, OverBudget):
        return over_budget(busy)
    if isinstance(busy, MachineShort):
        return f"{in_queue(busy.ahead)} {_('Try again in a few seconds.')}"
    return str(busy)


def over_budget(fault: OverBudget) -> str:
    if fault.what == "memory":
        return _("Your programs use %(used)g of %(most)g GB of memory. End one of them, then try again.") % {
            "used": round(fault.used / GIB, 1),
            "most": round(fault.most / GIB, 1),
        }
    return _("Your programs are %(used)d of at most %(most)d processes. End one of them, then try again.") % {
        "used": fault.used,
        "most": fault.most,
    }


def in_queue(ahead: int) -> str:
    if not ahead:
        return _("This server is short of memory. Yours is the next program to start.")
    return ngettext(
        "This server is short of memory. %(count)d person waits before you; your place is kept.",
        "This server is short of memory. %(count)d people wait before you; your place is kept.",
        ahead,
    ) % {"count": ahead}


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


def restarted() -> str:
    return _("The machine is being restarted. This page tries to come back by itself.")


def ending(seconds: float) -> str:
    return ngettext(
        "The machine is being restarted. Your console ends in %(seconds)d second. What your program has saved stays.",
        "The machine is being restarted. Your console ends in %(seconds)d seconds. What your program has saved stays.",
        round(seconds),
    ) % {"seconds": round(seconds)}


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

"""The sentences about how a program ended and why its output is shown as it is. For people, translated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cgirunner.headers import BLOCK_MAX_BYTES, Decision
from sandbox.faults import OverBudget
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
    return ngettext(
        "The program used its CPU second and was stopped. Is there a loop that never ends?",
        "The program used its %(seconds)g CPU seconds and was stopped. Is there a loop that never ends?",
        2 if limits.cpu_seconds != 1 else 1,
    ) % {"seconds": limits.cpu_seconds}


def on_wall(outcome: Outcome, limits: Limits) -> str:
    return _("The program was stopped after %(seconds)g seconds. Was it waiting for something?") % {
        "seconds": limits.wall_seconds
    }


def on_memory(outcome: Outcome, limits: Limits) -> str:
    return _("The program wanted more than its %(megabytes)g MB of memory and was stopped.") % {
        "megabytes": round(limits.memory_bytes / MIB, 1)
    }


def on_output(outcome: Outcome, limits: Limits) -> str:
    return _("The program wrote more than %(megabytes)g MB. The rest was cut off and the program stopped.") % {
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


def over_budget(fault: OverBudget) -> str:
    """To whose programs they are."""
    if fault.what == "memory":
        return _("Your programs use %(used)g of %(most)g GB of memory. End one of them.") % {
            "used": round(fault.used / GIB, 1),
            "most": round(fault.most / GIB, 1),
        }
    return _("Your programs are %(used)d of at most %(most)d processes. End one of them.") % {
        "used": fault.used,
        "most": fault.most,
    }


def used_up() -> str:
    """To everybody."""
    return _("The programs of this page’s owner use all that they may right now. Try again in a moment.")


def machine_short(ahead: int) -> str:
    if not ahead:
        return _("This server is short of memory. Yours is the next program to start; the page tries again by itself.")
    return ngettext(
        "This server is short of memory. %(count)d person waits before you; the page tries again by itself.",
        "This server is short of memory. %(count)d people wait before you; the page tries again by itself.",
        ahead,
    ) % {"count": ahead}


def many_running(seconds: int, waiting: int) -> str:
    """`waiting` is how many wait for their turn already."""
    many = _("Many programs are running right now.")
    if waiting:
        many = ngettext(
            "Many programs are running right now, and %(count)d waits for its turn.",
            "Many programs are running right now, and %(count)d wait for their turn.",
            waiting,
        ) % {"count": waiting}
    again = ngettext("Try again in a second.", "Try again in %(seconds)d seconds.", seconds) % {"seconds": seconds}
    return f"{many} {again}"


def asked_for_input() -> str:
    return _("The program asks for input, and a web page cannot type. A console can:")


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

REASONS: Final = {
    "no field": gettext_lazy("Line %(line)s is not a header, so all of the output is shown as plain text."),
    "unknown name": gettext_lazy(
        "Line %(line)s looks like a header, but no web server sends one that is called %(name)s."
        " So all of the output is shown as plain text."
    ),
    "bad value": gettext_lazy(
        "The header %(name)s in line %(line)s has a character that no header may have."
        " So all of the output is shown as plain text."
    ),
    "folded": gettext_lazy(
        "Line %(line)s begins with a space; a header may not go over several lines."
        " So all of the output is shown as plain text."
    ),
    "too long": gettext_lazy(
        "There is no blank line in the first %(kilobytes)s KB, so all of the output is shown as plain text."
    ),
    "no blank line": gettext_lazy("No blank line ends the headers, so all of the output is shown as plain text."),
    "blank line": gettext_lazy("The output begins with a blank line, so all of it is shown as plain text."),
    "plain words": gettext_lazy(
        "%(name)s may be a header, but it may be plain text as well; without Content-Type, Status or another sure sign"
        " all of the output is shown as plain text."
    ),
    "content type": gettext_lazy("The output begins with headers, among them Content-Type, and passes as it is."),
    "no content type": gettext_lazy(
        "The output begins with headers. Content-Type is not among them, so the rest is shown as plain text."
    ),
}


def why_shown_so(decision: Decision) -> str:
    return str(REASONS[decision.why]) % {
        "line": decision.line,
        "name": decision.name,
        "kilobytes": BLOCK_MAX_BYTES // 1024,
    }

"""What people are told about a run that is over: the status and sentence of a failure, the note below a text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from cgirunner import words
from cgirunner.words import how_it_ended
from sandbox.faults import MachineShort, OverBudget, SandboxBusy, SandboxError, SandboxUnavailable
from sandbox.limits import Limits
from sandbox.outcome import Ended, Outcome

ASKED_FOR_INPUT: Final = re.compile(rb"^EOFError: EOF when reading a line$", re.MULTILINE)
STATUSES: Final = {Ended.CPU: 504, Ended.WALL: 504}


@dataclass(frozen=True)
class Result:
    """A run that is over: either its outcome is known, or it came to nothing by a fault of ours."""

    limits: Limits
    outcome: Outcome | None = None
    fault: SandboxError | None = None
    errors: bytes = b""  # what it wrote to standard error, or the beginning of it
    wrote_output: bool = False

    @property
    def was_cut_short(self) -> bool:
        """The program did not end by itself, so what it printed is not all it would have been."""
        return self.outcome is None or self.outcome.ended is not Ended.FINISHED

    @property
    def failed(self) -> bool:
        return self.was_cut_short or bool(self.outcome and self.outcome.exit_status)

    @property
    def asked_for_input(self) -> bool:
        """By input(), as far as its errors tell: a page's program gets none to speak of."""
        return self.failed and ASKED_FOR_INPUT.search(self.errors) is not None


@dataclass(frozen=True)
class Trouble:
    """Why there is no proper answer."""

    status: int
    sentence: str
    for_owner: str = ""  # what the owner and staff may know besides
    retry_after_seconds: int = 0
    asks_again: bool = False  # the page, by itself


def trouble_of(result: Result) -> Trouble | None:
    """None where the program gave an answer, be it an empty one, and where only its length was cut."""
    if result.outcome is None:
        return trouble_of_fault(result.fault)
    ended = result.outcome.ended
    if ended is Ended.OUTPUT or (ended is Ended.FINISHED and (result.wrote_output or not result.failed)):
        return None
    return Trouble(STATUSES.get(ended, 500), how_it_ended(result.outcome, result.limits))


def trouble_of_fault(fault: SandboxError | None) -> Trouble:
    """Our own failures: none of them is the program's."""
    if isinstance(fault, OverBudget):
        return Trouble(503, words.used_up(), words.over_budget(fault), fault.retry_after_seconds)
    if isinstance(fault, MachineShort):
        sentence = words.machine_short(fault.ahead)
        return Trouble(503, sentence, retry_after_seconds=fault.retry_after_seconds, asks_again=True)
    if isinstance(fault, SandboxBusy):
        seconds = max(1, fault.retry_after_seconds)
        return Trouble(503, words.many_running(seconds, fault.ahead), retry_after_seconds=seconds)
    if isinstance(fault, SandboxUnavailable):
        sentence = _("This machine cannot run programs right now. Its administrator has to look at it.")
        return Trouble(503, sentence, str(fault))
    sentence = _("ivle could not run the program. That is ivle's fault, not the program's. Try again in a moment.")
    return Trouble(502, sentence, str(fault or ""))


def closing_note(result: Result, sees_reports: bool, console_url: str = "") -> bytes:
    """What stands below the text of a program that did not end well. Standard error is for the owner and staff only.

    `console_url` is where its owner can run it in a console.
    """
    errors = result.errors.decode("utf-8", "replace").strip() if sees_reports and result.failed else ""
    if not result.was_cut_short and not errors:
        return b""
    if result.outcome:
        sentence = how_it_ended(result.outcome, result.limits)
    else:
        sentence = trouble_of_fault(result.fault).sentence
    pieces = ["\n\n[ivle] " + sentence, errors]
    if console_url and result.asked_for_input:
        pieces.append(f"{words.asked_for_input()} {console_url}")
    return ("\n\n".join(piece for piece in pieces if piece) + "\n").encode("utf-8", "replace")

"""Why a page is cut off from its language server: the code of the WebSocket's end, and a sentence. For language.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from editor import words
from sandbox.faults import SandboxBusy, SandboxError
from sandbox.outcome import Outcome

CODES: Final = {
    "going_away": 4001,
    "protocol": 4400,
    "logged_out": 4401,
    "rights": 4404,
    "idle": 4408,
    "busy": 4409,
    "away": 4409,
    "ended": 4410,
    "too_large": 4413,
    "too_fast": 4429,
}


@dataclass(frozen=True)
class Ending:
    reason: str
    sentence: str

    @property
    def code(self) -> int:
        return CODES[self.reason]

    @property
    def text(self) -> str:
        """A notification of the protocol that whoever does not know it must ignore, as all that begin with $/."""
        params = {"reason": self.reason, "sentence": self.sentence}
        return json.dumps({"jsonrpc": "2.0", "method": "$/ivle/closing", "params": params})


def of_outcome(outcome: Outcome) -> Ending:
    return Ending("ended", words.HOW_IT_ENDED.get(outcome.ended, words.it_ended)())


def of_fault(fault: SandboxError) -> Ending:
    if isinstance(fault, SandboxBusy):
        return Ending("busy", words.no_server_left())
    return Ending("away", words.sandbox_away())

"""What kind of jail the zygote shall fork next: told by nursery.py, read by zygote.py and jail.py."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.limits import Limits

# What the supervisor says to a zygote begins with its kind, and a "home" then with the jail's number, each as wide as
# this: so the zygote finds the name that follows without making strings of it.
KIND_BYTES, NUMBER_BYTES = 7, 9


@dataclass(frozen=True)
class Plan:
    limits: Limits
    counts_cpu: bool  # by a perf counter that the student opens
    has_memory_cgroup: bool
    has_pids_cgroup: bool
    has_terminal: bool  # a console: its streams are a terminal of the jail's own
    rehearses: bool  # it will be parked for a while: worth walking the path of a run beforehand

    def as_text(self) -> str:
        return json.dumps({**vars(self), "limits": self.limits.as_message()})

    @classmethod
    def from_text(cls, text: str) -> Plan:
        values = json.loads(text)
        return cls(**{**values, "limits": Limits.from_message(values["limits"])})

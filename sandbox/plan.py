"""What kind of jail the zygote shall fork next: told by nursery.py, read by zygote.py and jail.py."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.limits import Limits


@dataclass(frozen=True)
class Plan:
    limits: Limits
    counts_cpu: bool  # by a perf counter that init opens
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

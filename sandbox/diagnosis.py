"""Why a machine cannot isolate, and what its administrator can do. Pure but for reading a few files of the kernel's."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from sandbox.cgroups import Cgroups
from sandbox.identity import Mode
from sandbox.meter import Tier


def choose_mode(*, without_user_namespaces: bool) -> Mode:
    if os.geteuid() == 0 and (without_user_namespaces or not user_namespaces_allowed()):
        return Mode.ROOT
    return Mode.USER_NAMESPACE


def user_namespaces_allowed() -> bool:
    return read_number("/proc/sys/user/max_user_namespaces", 1) > 0


def choose_tier(cgroups: Cgroups) -> Tier:
    if cgroups.version2:
        return Tier.CGROUP_2
    if cgroups.counts_cpu:
        return Tier.CGROUP_1
    return Tier.PERF if read_number("/proc/sys/kernel/perf_event_paranoid", 4) <= 2 else Tier.SAMPLING


def read_number(path: str, otherwise: int) -> int:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return otherwise


def explain_refusal(refusal: dict[str, Any]) -> str:
    return f"refused: {refusal}"

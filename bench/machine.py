"""Describes the machine the figures come from: its size and its kernel, never its name."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import psutil

GIB = 1024**3


def describe() -> dict[str, str]:
    """What to read beside every figure. The load is taken now: call it before the bench makes its own."""
    return {
        "processor": processor(),
        "cores": f"{len(os.sched_getaffinity(0))}",
        "memory": f"{psutil.virtual_memory().total / GIB:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "user": "root" if os.geteuid() == 0 else "unprivileged",
        "control groups": control_groups(),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Processor"):
            return " ".join(value.split())
    return "unknown"


def control_groups() -> str:
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        return "v2"
    return "v1" if (root / "cpuacct").exists() else "none"

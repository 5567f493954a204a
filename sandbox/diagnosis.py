"""Why a machine cannot isolate, or only roughly, and what its administrator can do about it."""

from __future__ import annotations

import errno
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from sandbox import syscalls
from sandbox.cgroups import Cgroups
from sandbox.identity import Mode
from sandbox.launcher import Refusal
from sandbox.meter import Tier

OLDEST_KERNEL = (5, 12)  # mount_setattr(2)


@dataclass(frozen=True)
class Machine:
    """What the kernel says of itself."""

    kernel: tuple[int, ...]
    architecture: str
    is_root: bool
    in_container: bool
    max_user_namespaces: int
    unprivileged_userns_clone: int  # of Debian's and Arch's kernels
    apparmor_restricts_userns: int  # of Ubuntu's
    counts_by_perf: bool
    landlock_abi: int
    joins_groups_at_once: bool  # the mount option favordynmods of control groups version 2


@dataclass(frozen=True)
class Problem:
    """`section` is the heading in docs/admin.md that explains it."""

    text: str
    section: str

    def __str__(self) -> str:
        return f"{self.text} See docs/admin.md, “{self.section}”."


def look() -> Machine:
    version = platform.release().split("-")[0].split(".")
    return Machine(
        kernel=tuple(int(part) for part in version[:2] if part.isdigit()),
        architecture=platform.machine(),
        is_root=os.geteuid() == 0,
        in_container=any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")),
        max_user_namespaces=read_number("/proc/sys/user/max_user_namespaces", 1),
        unprivileged_userns_clone=read_number("/proc/sys/kernel/unprivileged_userns_clone", 1),
        apparmor_restricts_userns=read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0),
        counts_by_perf=can_count_by_perf(),
        landlock_abi=syscalls.landlock_abi(),
        joins_groups_at_once=joins_groups_at_once(Path("/proc/self/mountinfo").read_text(encoding="utf-8")),
    )


def joins_groups_at_once(mountinfo: str) -> bool:
    return any(" - cgroup2 " in line and "favordynmods" in line.split(",") for line in mountinfo.splitlines())


def can_count_by_perf() -> bool:
    """Tried, not read from a setting: a container may forbid it as well."""
    try:
        os.close(syscalls.open_task_clock())
    except OSError:
        return False
    return True


def read_number(path: str, otherwise: int) -> int:
    try:
        return int(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return otherwise


def unsupported(machine: Machine) -> Problem | None:
    """What no setting can mend."""
    if machine.architecture not in ("x86_64", "aarch64"):
        return Problem(f"ivle runs on x86-64 and arm64, not on {machine.architecture}.", "What ivle needs")
    if machine.kernel < OLDEST_KERNEL:
        wanted = ".".join(str(part) for part in OLDEST_KERNEL)
        return Problem(f"The kernel is too old: Linux {wanted} or later is needed.", "What ivle needs")
    return None


def choose_mode(machine: Machine, *, without_user_namespaces: bool = False) -> Mode:
    """User namespaces wherever there are any; root can do without."""
    if machine.is_root and (without_user_namespaces or machine.max_user_namespaces == 0):
        return Mode.ROOT
    return Mode.USER_NAMESPACE


def choose_tier(cgroups: Cgroups, machine: Machine) -> Tier:
    if cgroups.version2:
        return Tier.CGROUP_2
    if cgroups.counts_cpu:
        return Tier.CGROUP_1
    return Tier.PERF if machine.counts_by_perf else Tier.SAMPLING


def explain(refusal: Refusal, machine: Machine) -> Problem:
    details = f"({refusal.text})"
    if refusal.step == "runtime":
        return Problem(f"The students' Python cannot be used: {refusal.text}.", "The students' Python")
    if machine.max_user_namespaces == 0 and not machine.is_root:
        return Problem(
            "User namespaces are switched off (user.max_user_namespaces is 0). Set it to 10000 with sysctl, "
            "or start the supervisor as root.",
            "User namespaces are disabled",
        )
    if machine.unprivileged_userns_clone == 0 and not machine.is_root:
        return Problem(
            "Ordinary users may not make user namespaces (kernel.unprivileged_userns_clone is 0). "
            "Set it to 1 with sysctl, or start the supervisor as root.",
            "User namespaces are disabled",
        )
    if machine.apparmor_restricts_userns and refusal.errno in (errno.EACCES, errno.EPERM):
        return Problem(
            "AppArmor keeps programs from using user namespaces, as Ubuntu 23.10 and later do. "
            "Install ivle's AppArmor rule.",
            "Ubuntu and AppArmor",
        )
    if machine.in_container:
        return Problem(
            f"The container may not make jails {details}. Start it with seccomp and AppArmor unconfined and with "
            "systempaths=unconfined.",
            "In a container",
        )
    if refusal.step == "mounts":
        return Problem(
            f"The kernel refused a mount {details}. Something hides a part of /proc, or a service unit has "
            "ProtectKernelTunables= or ProtectProc= set.",
            "Mounts are refused",
        )
    return Problem(f"The kernel refused to make a jail {details}.", "What ivle needs")


def improvements(machine: Machine, cgroups: Cgroups, tier: Tier) -> list[str]:
    """What would make the limits of a machine that works more exact."""
    advice = []
    if not cgroups.counts_memory:
        advice.append(
            "Memory is limited for each process, not for the whole program: give the supervisor a control group."
        )
    if not cgroups.counts_processes and tier is not Tier.CGROUP_2:
        advice.append(
            "Processes are limited per run by the kernel's user count; a control group would count threads of all."
        )
    if tier is Tier.CGROUP_2 and not machine.joins_groups_at_once:
        advice.append(
            "A program that finds no jail ready waits about 10 ms for its control group; "
            "the mount option favordynmods makes that short (docs/admin.md, “How CPU is counted”)."
        )
    if tier is Tier.PERF:
        advice.append("CPU is counted exactly by perf counters; a control group would also limit memory.")
    if tier is Tier.SAMPLING:
        advice.append(
            "CPU is sampled: a storm of very short processes is only stopped by the wall clock. "
            "Give the supervisor a control group, or set kernel.perf_event_paranoid to 2."
        )
    if not (cgroups.people or cgroups.weight):
        advice.append(
            "When the machine is busy, programs share the processors by their priority alone: who has many gets more "
            "than who has one. A control group with the cpu controller shares them between people "
            "(docs/admin.md, “How CPU is shared”)."
        )
    if machine.landlock_abi == 0:
        advice.append("The kernel has no Landlock, the second fence around files. It is on by default from Linux 5.13.")
    return advice

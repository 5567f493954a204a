"""What an administrator is told about a machine that cannot isolate, or only roughly."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.cgroups import Cgroups
from sandbox.diagnosis import (
    Machine,
    choose_mode,
    choose_tier,
    explain,
    improvements,
    joins_groups_at_once,
    unsupported,
)
from sandbox.identity import Mode
from sandbox.launcher import Refusal
from sandbox.meter import Tier

GOOD = Machine(
    kernel=(6, 8),
    architecture="x86_64",
    is_root=False,
    in_container=False,
    max_user_namespaces=10_000,
    unprivileged_userns_clone=1,
    apparmor_restricts_userns=0,
    counts_by_perf=True,
    landlock_abi=5,
    joins_groups_at_once=True,
)
GROUPS = Cgroups(Path("/there"), frozenset({"memory", "pids", "cpu"}), weight=("unified", "cpu.weight"))
REFUSAL = Refusal("user namespace", errno.EPERM, "user namespace: not permitted")


@pytest.mark.parametrize(
    ("change", "refusal", "section"),
    [
        ({"max_user_namespaces": 0}, REFUSAL, "User namespaces are disabled"),
        ({"unprivileged_userns_clone": 0}, REFUSAL, "User namespaces are disabled"),
        ({"apparmor_restricts_userns": 1}, REFUSAL, "Ubuntu and AppArmor"),
        ({"apparmor_restricts_userns": 1, "in_container": True}, REFUSAL, "Ubuntu and AppArmor"),
        ({"in_container": True}, REFUSAL, "In a container"),
        ({}, replace(REFUSAL, step="mounts"), "Mounts are refused"),
        ({}, replace(REFUSAL, step="runtime"), "The students' Python"),
        ({"is_root": True, "max_user_namespaces": 0}, REFUSAL, "What ivle needs"),
        ({}, REFUSAL, "What ivle needs"),
    ],
)
def test_each_refusal_has_its_own_section(change: dict[str, Any], refusal: Refusal, section: str) -> None:
    problem = explain(refusal, replace(GOOD, **change))
    assert problem.section == section
    assert section in str(problem)


@pytest.mark.parametrize(("change", "word"), [({"architecture": "riscv64"}, "riscv64"), ({"kernel": (5, 11)}, "5.12")])
def test_what_no_setting_can_mend(change: dict[str, Any], word: str) -> None:
    problem = unsupported(replace(GOOD, **change))
    assert problem is not None
    assert word in problem.text


def test_a_good_machine() -> None:
    assert unsupported(GOOD) is None
    assert improvements(GOOD, GROUPS, Tier.CGROUP_2) == []


@pytest.mark.parametrize(
    ("change", "groups", "tier", "word"),
    [
        ({}, Cgroups(), Tier.PERF, "Memory is limited for each process"),
        ({}, Cgroups(), Tier.PERF, "perf counters"),
        ({}, Cgroups(), Tier.SAMPLING, "CPU is sampled"),
        ({}, Cgroups(), Tier.PERF, "who has many gets more"),
        ({"landlock_abi": 0}, GROUPS, Tier.CGROUP_2, "Landlock"),
        ({"joins_groups_at_once": False}, GROUPS, Tier.CGROUP_2, "favordynmods"),
    ],
)
def test_what_would_be_better(change: dict[str, Any], groups: Cgroups, tier: Tier, word: str) -> None:
    assert any(word in advice for advice in improvements(replace(GOOD, **change), groups, tier))


@pytest.mark.parametrize(
    ("options", "at_once"), [("rw,nsdelegate", False), ("rw,favordynmods", True), ("rw,favordynmods,nsdelegate", True)]
)
def test_the_mount_option_of_control_groups(options: str, at_once: bool) -> None:
    line = f"34 25 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 {options}\n"
    assert joins_groups_at_once(line) is at_once


@pytest.mark.parametrize(
    ("groups", "by_perf", "tier"),
    [
        (GROUPS, True, Tier.CGROUP_2),
        (Cgroups(version1={"cpuacct": Path("/there")}), True, Tier.CGROUP_1),
        (Cgroups(version1={"memory": Path("/there")}), True, Tier.PERF),
        (Cgroups(), False, Tier.SAMPLING),
    ],
)
def test_the_best_way_of_counting_is_chosen(groups: Cgroups, by_perf: bool, tier: Tier) -> None:
    assert choose_tier(groups, replace(GOOD, counts_by_perf=by_perf)) is tier


@pytest.mark.parametrize(
    ("is_root", "most", "without", "mode"),
    [
        (False, 0, True, Mode.USER_NAMESPACE),
        (True, 10, False, Mode.USER_NAMESPACE),
        (True, 0, False, Mode.ROOT),
        (True, 10, True, Mode.ROOT),
    ],
)
def test_only_root_can_do_without_user_namespaces(is_root: bool, most: int, without: bool, mode: Mode) -> None:
    machine = replace(GOOD, is_root=is_root, max_user_namespaces=most)
    assert choose_mode(machine, without_user_namespaces=without) is mode


@pytest.mark.parametrize("groups", [Cgroups(people=Path("/there")), Cgroups(weight=("cpuacct", "cpu.shares"))])
def test_nothing_is_said_of_sharing_where_it_is_between_people(groups: Cgroups) -> None:
    assert not any("share" in advice for advice in improvements(GOOD, groups, Tier.CGROUP_1))

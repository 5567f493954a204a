"""Asks a supervisor what people use, and tells it what is their due, for the tests of the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox import people
from sandbox.people import MachineUsage
from sandbox.standing import Standing
from tests.sandbox.installation import Installation
from tests.sandbox.jail import Jail

GROUPS = Path("/sys/fs/cgroup")
CPU_GROUPS = GROUPS / "cpu"
NO_GROUPS = "people have no groups of their own without privileges"


def usage(jail: Jail, **options: Any) -> MachineUsage:
    found = jail.loop.submit(people.usage(jail.installation.socket, **options)).result(10)
    assert isinstance(found, MachineUsage)
    return found


def tell(jail: Jail, **standings: Standing) -> None:
    """All there are."""
    jail.loop.submit(people.standings_told(jail.installation.socket, standings)).result(10)


def persons_groups(installation: Installation) -> dict[Path, list[str]]:
    """Of this supervisor, with the pids in each."""
    pid = installation.status()["supervisor_pid"]
    groups = [group for group in CPU_GROUPS.glob(f"**/ivle-{pid}/person-*") if group.name != "person-waiting"]
    return {group: (group / "tasks").read_text().split() for group in groups}


def weights_of_jails(installation: Installation) -> list[str]:
    """Where control groups of version 2 share the processors; those of jails that are nobody's yet as well."""
    pid = installation.status()["supervisor_pid"]
    return [weight.read_text() for weight in GROUPS.glob(f"**/ivle-{pid}/jail-*/cpu.weight")]


def want_groups_of_people(jail: Jail) -> None:
    """Skips where the machine has none."""
    pid = jail.installation.status()["supervisor_pid"]
    if not list(CPU_GROUPS.glob(f"**/ivle-{pid}")):
        pytest.skip(NO_GROUPS)

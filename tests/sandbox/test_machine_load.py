"""What memory programs can still have, of the machine and of the groups that the supervisor is in."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import pytest

from sandbox.limits import KIB, MIB
from sandbox.machine_load import MachineLoad, limiting_groups


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:       24683184 kB\nMemFree:         1000 kB\nMemAvailable:   2097152 kB\n")
    return file


def group(folder: Path, version: int, *, limit: str, used: int, reclaimable: int = 0) -> Path:
    folder.mkdir()
    names = ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    statistic = "inactive_file" if version == 2 else "total_inactive_file"
    for name, value in zip((*names, "memory.stat"), (limit, used, f"anon 1\n{statistic} {reclaimable}\n"), strict=True):
        (folder / name).write_text(f"{value}\n")
    return folder


def test_of_the_machine(meminfo: Path, tmp_path: Path) -> None:
    loadavg = tmp_path / "loadavg"
    loadavg.write_text("1.25 0.50 0.10 3/400 12345\n")
    load = MachineLoad((), meminfo, loadavg)
    assert load.memory_available_bytes() == 2097152 * KIB
    assert load.load() == 1.25


@pytest.mark.parametrize("version", [1, 2])
def test_of_a_group_that_leaves_less(meminfo: Path, tmp_path: Path, version: int) -> None:
    own = group(tmp_path / "own", version, limit=str(1024 * MIB), used=900 * MIB, reclaimable=100 * MIB)
    assert MachineLoad([own], meminfo).memory_available_bytes() == 224 * MIB


def test_of_a_group_without_a_limit(meminfo: Path, tmp_path: Path) -> None:
    own = group(tmp_path / "own", 2, limit="max", used=900 * MIB)
    assert limiting_groups(own) == []
    assert MachineLoad([own], meminfo).memory_available_bytes() == 2048 * MIB


def test_groups_above_limit_as_well(tmp_path: Path) -> None:
    above = group(tmp_path / "above", 2, limit=str(MIB), used=0)
    own = group(above / "own", 2, limit="max", used=0)
    assert limiting_groups(own) == [above]
    assert limiting_groups(None) == []


def test_a_group_that_is_gone_limits_nothing(meminfo: Path, tmp_path: Path) -> None:
    assert MachineLoad([tmp_path / "none"], meminfo).memory_available_bytes() == 2048 * MIB


def test_it_is_known_where_no_descriptor_is_left(meminfo: Path, tmp_path: Path) -> None:
    own = group(tmp_path / "own", 2, limit=str(1024 * MIB), used=0)
    load = MachineLoad([own], meminfo)
    (own / "memory.current").write_text(f"{900 * MIB}\n")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        found, busy = load.memory_available_bytes(), load.load()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert found == 124 * MIB
    assert busy >= 0.0
    load.close()


def test_what_cannot_be_read_is_as_it_was(meminfo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = MachineLoad((), meminfo)

    def fail(*args: Any) -> bytes:
        raise OSError("not now")

    monkeypatch.setattr(os, "pread", fail)
    assert load.memory_available_bytes() == 2048 * MIB

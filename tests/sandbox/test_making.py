"""What `make` does to the students' Python that is there already, with people in it. pip is played by a script here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import generations
from tests.sandbox.installation import CHECKOUT

SITE = """#!/bin/sh
if [ "$1 $2" = "-m pip" ]; then
    environment=$(dirname "$(dirname "$4")")
    echo "$*" >> "$environment/installed"
    exit $(cat "{folder}/status")
fi
exec "{python}" "$@"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where it shall be."""
    site = tmp_path / "site"
    site.write_text(SITE.format(folder=tmp_path, python=sys.executable))
    site.chmod(0o755)
    (tmp_path / "status").write_text("0")
    return tmp_path / "runtime"


def make(place: Path) -> subprocess.CompletedProcess[str]:
    if (stamp := place / "runtime.stamp").exists():
        os.utime(stamp, (0, 0))  # the lock is newer
    command = ["make", f"SITE={place.parent / 'site'}", f"IVLE_RUNTIME={place}/", f"{place}/runtime.stamp"]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)


def installs(folder: Path) -> int:
    return len((folder / "installed").read_text().splitlines())


def names(place: Path) -> set[str]:
    return {path.name for path in place.parent.iterdir()} - {"site", "status"}


def test_a_change_is_whole_or_not_at_all(place: Path) -> None:
    assert make(place).returncode == 0
    assert (place / "runtime.stamp").exists()
    assert "--only-binary :all:" in (place / "installed").read_text()
    (place.parent / "status").write_text("1")
    assert make(place).returncode
    assert installs(place) == 1
    (place.parent / "status").write_text("0")
    assert make(place).returncode == 0
    assert installs(place) == 2
    assert names(place) == {"runtime"}


def test_who_runs_on_what_was_there_keeps_it(place: Path) -> None:
    make(place)
    held = generations.hold(place)
    for _ in range(2):
        assert make(place).returncode == 0
    kept = place.with_name("runtime.old-1")
    assert installs(kept) == 1
    assert installs(place) == 3
    assert names(place) == {"runtime", kept.name}
    os.close(held)
    make(place)
    assert names(place) == {"runtime"}


def test_a_folder_that_is_none_is_left_alone(place: Path) -> None:
    place.mkdir()
    (place / "letters").touch()
    refused = make(place)
    assert refused.returncode
    assert "is no Python environment" in refused.stdout
    assert names(place) == {"runtime"}
    assert [path.name for path in place.iterdir()] == ["letters"]

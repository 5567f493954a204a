"""Numbers that several processes count together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.tallies import HEAD_BYTES, Tally, totals

NAMES = ("a", "b")
COUNT = """
import os, signal, sys
from pathlib import Path
from operations.tallies import Tally
tally = Tally(Path(sys.argv[1]), "web", ("a", "b"))
tally.add("a", 3)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_several_count_is_added_up(tmp_path: Path) -> None:
    for program, amount in (("web", 1.0), ("web", 2.5), ("marker", 4.0)):
        Tally(tmp_path, program, NAMES).add("a", amount)
    found = totals(tmp_path, NAMES)
    assert (found["web"]["a"], found["marker"]["a"], found["web"]["b"]) == (3.5, 4.0, 0.0)


def test_a_process_that_is_killed_has_lost_nothing_and_the_next_goes_on(tmp_path: Path, checkout: Path) -> None:
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT, str(tmp_path)], cwd=checkout, check=False)
    assert totals(tmp_path, NAMES)["web"]["a"] == 6
    assert [file.name for file in tmp_path.iterdir()] == ["web-0"]


def test_two_that_live_have_a_file_each(tmp_path: Path) -> None:
    tallies = [Tally(tmp_path, "web", NAMES) for _ in range(2)]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web-0", "web-1"]
    for tally in tallies:
        tally.close()


def test_a_file_of_another_release_begins_anew(tmp_path: Path) -> None:
    old = Tally(tmp_path, "web", ("a", "b", "c"))
    old.add("a", 7)
    assert totals(tmp_path, NAMES) == {}
    old.close()
    Tally(tmp_path, "web", NAMES).add("b")
    assert totals(tmp_path, NAMES)["web"] == {"a": 0.0, "b": 1.0}


@pytest.mark.parametrize("content", [b"", b"x", bytes(HEAD_BYTES), os.urandom(500)])
def test_a_file_that_makes_no_sense_is_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "web-0").write_bytes(content)
    assert totals(tmp_path, NAMES) == {}


def test_where_there_is_no_room_it_counts_for_itself(tmp_path: Path, monkeypatch) -> None:
    """On a full disk a write to a page that was never given would kill the process."""

    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    tally = Tally(tmp_path, "web", NAMES)
    tally.add("a")
    assert tally.descriptor == -1
    assert totals(tmp_path, NAMES) == {}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    Tally(tmp_path / "no" / "where", "web", NAMES).add("a")
    assert totals(tmp_path / "no" / "where", NAMES) == {}

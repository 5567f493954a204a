"""What a supervisor keeps of what it was told, for the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import told
from sandbox.standing import STUDENT, as_text

STAFF = replace(STUDENT, kind="staff", goes_first=True)
TOLD = {"ann": STAFF, "bob": STUDENT}


def test_it_is_there_for_the_next(tmp_path: Path) -> None:
    told.keep(tmp_path, as_text(TOLD).encode())
    assert told.recall(tmp_path) == TOLD
    [file] = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"", b"{}", as_text(TOLD).encode()[:-9], b"\xff", b"[" * 100_000])
def test_without_sense_it_is_nobodys(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / told.NAME).write_bytes(content)
    assert told.recall(tmp_path) == {}


def test_what_cannot_be_kept_leaves_what_was(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told.keep(tmp_path, as_text(TOLD).encode())
    (tmp_path / told.NEW).mkdir()
    told.keep(tmp_path, as_text({}).encode())
    assert told.recall(tmp_path) == TOLD
    assert "cannot be kept" in capfd.readouterr().err

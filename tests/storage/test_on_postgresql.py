"""The suite's own tests of what is kept in the database, run again on a real PostgreSQL, beside a real Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest

from tests.storage import servers

PARTS = {
    "accounts": ["tests/accounts"],
    "allowances": ["tests/allowances", "--ignore=tests/allowances/test_days.py"],
    "courses": ["tests/courses", "--ignore=tests/courses/browser"],
    "marks": ["tests/marks", "--ignore=tests/marks/browser"],
    "only there": ["tests/storage/only_there.py"],
    "files": [
        "tests/editor/test_drafts.py",
        "tests/editor/test_drafts_of_moved_files.py",
        "tests/files/test_publish.py",
        "tests/files/test_mappings.py",
        "tests/files/test_versions.py",
        "tests/files/test_versions_api.py",
    ],
}


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    missing = [name for name in ("postgres", "redis-server") if servers.find_program(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with servers.postgresql() as database, servers.redis() as redis:
        yield {**os.environ, "IVLE_DATABASE_URL": database, "IVLE_REDIS_URL": redis}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_kept_is_kept_there_too(checkout, environ, part: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.storage.on_postgresql", "-p", "no:cacheprovider"]
    with tempfile.TemporaryDirectory(prefix="ivle-") as folder:  # a short path: there will be sockets in it
        command += [f"--basetemp={folder}/in", *PARTS[part]]
        done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]

"""The counts of homes, which all processes share: taken together, and never believed when they are broken or old."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings

from files import counts, quota
from files.counts import Count
from files.faults import NoRoom

MIB = 1024 * 1024
TAKE = """
import django, sys
from pathlib import Path
django.setup()
from django.conf import settings
settings.IVLE_DATA = Path(sys.argv[1])
settings.IVLE_HOMES = settings.IVLE_DATA / "homes"
settings.IVLE_QUOTA_MB = 1
settings.IVLE_DISK_RESERVE_MB = 0
from files import quota
from files.faults import NoRoom
quota.COUNT_HOLDS_SECONDS = 600.0
quota.used("student")
print("ready", flush=True)
sys.stdin.readline()
taken = 0
for _ in range(200):
    try:
        quota.room_for("student")(10_000)
        taken += 10_000
    except NoRoom:
        break
print(taken, flush=True)
"""


def test_processes_at_the_same_time_share_the_room(home, checkout, monkeypatch) -> None:
    monkeypatch.setattr(quota, "COUNT_HOLDS_SECONDS", 600.0)  # nothing is written, so a fresh count would be less
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "ivle.settings"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", TAKE, str(settings.IVLE_DATA)]
    processes = [subprocess.Popen(command, cwd=checkout, env=environ, **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert MIB - 10_000 < sum(taken) <= MIB


def test_what_another_process_took_is_seen_here(home, settings) -> None:
    settings.IVLE_QUOTA_MB = 1
    quota.used("student")
    with counts.hold("student") as record:
        record.write(Count(MIB - 10, 1, time.monotonic(), 60.0))
    with pytest.raises(NoRoom):
        quota.room_for("student")(11)
    quota.room_for("student")(10)


@pytest.mark.parametrize("data", [b"", b"x", b"x" * counts.RECORD.size, b"x" * 200])
def test_what_is_no_record_is_counted_anew(home, data: bytes) -> None:
    (home / "file").write_bytes(bytes(1000))
    quota.used("student")
    (settings.IVLE_DATA / "run" / "counts" / "student").write_bytes(data)
    assert quota.used("student").used_bytes == 1000


def test_a_record_of_before_the_machine_was_started_is_none(monkeypatch) -> None:
    data = Count(1, 1, 1.0, 1.0).to_bytes()
    assert Count.from_bytes(data) is not None
    monkeypatch.setattr(counts, "this_start", lambda: b"another start of" * 1)
    assert Count.from_bytes(data) is None


def test_half_a_record_is_none() -> None:
    data = bytearray(Count(1, 1, 1.0, 1.0).to_bytes())
    data[20] ^= 1
    assert Count.from_bytes(bytes(data)) is None
